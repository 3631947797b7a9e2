package io.postern.wire;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** Addresses and networks, IPv4 and IPv6. */
public final class Networks {
  /** No address at all. */
  public static final Networks NONE = new Networks(List.of(), "");

  private final List<IpSubnetFilterRule> rules;
  private final String text;

  private Networks(List<IpSubnetFilterRule> rules, String text) {
    this.rules = rules;
    this.text = text;
  }

  /**
   * Reads a list.
   *
   * @param text addresses and networks in CIDR notation (RFC 4632), separated by commas
   * @throws IllegalArgumentException names the one that is none
   */
  public static Networks parse(String text) {
    List<IpSubnetFilterRule> rules =
        Arrays.stream(text.split(","))
            .map(String::strip)
            .filter(entry -> !entry.isEmpty())
            .map(Networks::rule)
            .toList();
    return new Networks(rules, text);
  }

  private static IpSubnetFilterRule rule(String entry) {
    int slash = entry.indexOf('/');
    byte[] address =
        NetUtil.createByteArrayFromIpAddressString(slash < 0 ? entry : entry.substring(0, slash));
    try {
      if (address != null) {
        int prefix =
            slash < 0 ? address.length * Byte.SIZE : Integer.parseInt(entry.substring(slash + 1));
        return new IpSubnetFilterRule(
            InetAddress.getByAddress(address), prefix, IpFilterRuleType.ACCEPT);
      }
    } catch (UnknownHostException | IllegalArgumentException e) {
      // Said below, with the entry.
    }
    throw new IllegalArgumentException(
        "'" + entry + "' is neither an address nor a network like 192.0.2.0/24");
  }

  /** Whether the address is one of these; IPv4 that travels as IPv6 is IPv4. */
  public boolean contains(InetAddress address) {
    // The port does not matter.
    InetSocketAddress peer = new InetSocketAddress(address, 1);
    return rules.stream().anyMatch(rule -> rule.matches(peer));
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  @Override
  public String toString() {
    return text;
  }
}

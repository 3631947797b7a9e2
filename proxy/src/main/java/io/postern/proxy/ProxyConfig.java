package io.postern.proxy;

import java.time.Duration;
import java.util.List;

/**
 * The proxies' settings.
 *
 * @param hostname the name that we go by
 * @param bind the address to listen on
 * @param routes ports and the servers behind them
 * @param stopTimeout how long a message under way may take once the service stops
 * @param eventLoops how many threads serve each port
 * @param keepAlive how often copies whose outcome is open show life
 * @param traceHeaders whether stored copies get Return-Path, Received and X-Envelope headers
 */
public record ProxyConfig(
    String hostname,
    String bind,
    List<Route> routes,
    Duration stopTimeout,
    int eventLoops,
    Duration keepAlive,
    boolean traceHeaders) {}

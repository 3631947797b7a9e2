package io.postern.bench.race;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What a message costs, against how much there is of something. */
final class GrowthCurve {
  /** What one run gave. */
  record Run(double acceptedPerSecond, double availablePerSecond, double cpuMs) {}

  private record Point(long at, Spread accepted, Spread available, Spread cpuMs) {}

  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;

  private final String of;
  private final String available;
  private final List<Point> points = new ArrayList<>();

  /**
   * @param of what there is more and more of
   * @param available what the second figure is called
   */
  GrowthCurve(String of, String available) {
    this.of = of;
    this.available = available;
  }

  /** Returns what to say of the point. */
  String add(long at, List<Run> runs) {
    Point point =
        new Point(
            at,
            Spread.of(runs.stream().map(Run::acceptedPerSecond).toList()),
            Spread.of(runs.stream().map(Run::availablePerSecond).toList()),
            Spread.of(runs.stream().map(Run::cpuMs).toList()));
    points.add(point);
    return "%d %s: accepted %s /s, %s %s /s, CPU %s ms"
        .formatted(at, of, point.accepted(), available, point.available(), point.cpuMs());
  }

  /** In Markdown. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        "| %s | accepted /s | %s /s | CPU ms per message |%n| --- | --- | --- | --- |%n"
            .formatted(of, available));
    for (Point point : points) {
      table.append(
          "| %d | %s | %s | %s |%n"
              .formatted(point.at(), point.accepted(), point.available(), point.cpuMs()));
    }
    return table.toString();
  }

  /** Writes the figures, {@code NAME.csv}, and a plot of the CPU time, {@code NAME.png}. */
  void write(Path directory, String name) throws IOException {
    StringBuilder csv =
        new StringBuilder(
            "%s,accepted_per_s,%s_per_s,cpu_ms_per_message,cpu_ms_min,cpu_ms_max%n"
                .formatted(of.replace(' ', '_'), available));
    for (Point point : points) {
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%.1f,%.1f,%.3f,%.3f,%.3f%n",
              point.at(),
              point.accepted().median(),
              point.available().median(),
              point.cpuMs().median(),
              point.cpuMs().least(),
              point.cpuMs().most()));
    }
    Files.writeString(directory.resolve(name + ".csv"), csv);
    BitmapEncoder.saveBitmap(chart(), directory.resolve(name).toString(), BitmapFormat.PNG);
  }

  /** Of the CPU time alone: the rates say more of what else the machine did. */
  private XYChart chart() {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("CPU time of a message of 4 KB")
            .xAxisTitle(of)
            .yAxisTitle("ms per message")
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.0);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisDecimalPattern("#,###").setLegendVisible(false);
    add(chart, "most", point -> point.cpuMs().most(), SeriesLines.DASH_DASH);
    add(chart, "median", point -> point.cpuMs().median(), SeriesLines.SOLID);
    add(chart, "least", point -> point.cpuMs().least(), SeriesLines.DASH_DASH);
    return chart;
  }

  private void add(
      XYChart chart, String title, ToDoubleFunction<Point> figure, BasicStroke lineStyle) {
    XYSeries series =
        chart.addSeries(
            title,
            points.stream().mapToDouble(Point::at).toArray(),
            points.stream().mapToDouble(figure).toArray());
    series.setLineStyle(lineStyle).setLineColor(Color.BLUE);
    series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(Color.BLUE);
  }
}

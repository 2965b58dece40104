/** One metric of Prometheus' text format. */
export interface Metric {
  type: string;
  help: string;
  /** By `name{labels}`, as written. */
  samples: Map<string, number>;
}

const SAMPLE = /^([a-z_][a-z0-9_]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+\})?) (\S+)$/;

/** Reads Prometheus' text format; throws at a line that is none, at a sample without a type and at one that comes twice. */
export function parseMetrics(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  for (const line of text.split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') metrics.set(name, { help: rest, type: 'untyped', samples: new Map() });
    else if (keyword === 'TYPE') Object.assign(metrics.get(name) ?? {}, { type: rest });
    else if (line !== '') addSample(metrics, line);
  }
  return metrics;
}

/** The value of one series; 0 where it was never counted. */
export function sampleOf(text: string, series: string): number {
  for (const { samples } of parseMetrics(text).values()) {
    const value = samples.get(series);
    if (value !== undefined) return value;
  }
  return 0;
}

function addSample(metrics: Map<string, Metric>, line: string): void {
  const [, series = '', value] = SAMPLE.exec(line) ?? [];
  if (series === '' || value === undefined || !/^(nan|[+-]?inf|[+-]?[0-9.]+(e[+-]?[0-9]+)?)$/i.test(value))
    throw new Error(`no sample: ${line}`);
  const [name = ''] = series.split('{', 1);
  const metric = metrics.get(name) ?? metrics.get(name.replace(/_(bucket|sum|count)$/, ''));
  if (metric === undefined || metric.type === 'untyped') throw new Error(`no type: ${line}`);
  if (metric.samples.has(series)) throw new Error(`twice: ${line}`);
  metric.samples.set(series, Number(value));
}

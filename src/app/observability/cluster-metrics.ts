import cluster, { type Worker } from 'node:cluster';
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import { promClient } from './prometheus.ts';

type Metrics = MetricObjectWithValues<MetricValue<string>>[];

/** A worker asks its supervisor for all metrics, and the supervisor asks every worker for its own; the answers go the same way back. */
type Message =
  | { type: 'metrics.all'; id: number; text?: string }
  | { type: 'metrics.own'; id: number; metrics?: Metrics };

/** A worker that does not answer within this, such as one that hangs, is left out: `server_processes` shows it. */
const ANSWER_WITHIN_MS = 1000;
/** Longer than the supervisor waits for its workers. */
const ALL_WITHIN_MS = 3 * ANSWER_WITHIN_MS;

/** Metrics of which prom-client's average would hide one process that hangs, or which it leaves out. */
const AGGREGATORS: Readonly<Record<string, string>> = {
  nodejs_eventloop_lag_seconds: 'max',
  nodejs_eventloop_lag_p50_seconds: 'max',
  nodejs_eventloop_lag_p90_seconds: 'max',
  nodejs_eventloop_lag_p99_seconds: 'max',
  process_start_time_seconds: 'min',
};

/** In the supervisor: answers a worker that asks for the metrics of all of them. */
export function joinMetricsOfWorkers(): void {
  const asked = new Map<number, (metrics: Metrics) => void>();
  let lastId = 0;

  const ask = (worker: Worker): Promise<Metrics | undefined> =>
    new Promise((resolve) => {
      const id = ++lastId;
      const settle = (metrics?: Metrics): void => {
        clearTimeout(timer);
        asked.delete(id);
        resolve(metrics);
      };
      const timer = setTimeout(settle, ANSWER_WITHIN_MS);
      asked.set(id, settle);
      send(worker, { type: 'metrics.own', id });
    });

  cluster.on('message', (worker, message: Message) => {
    if (message.type === 'metrics.own') asked.get(message.id)?.(message.metrics ?? []);
    if (message.type !== 'metrics.all') return;
    const others = Object.values(cluster.workers ?? {}).filter((other) => other?.isConnected() === true);
    void Promise.all(others.map((other) => (other === undefined ? undefined : ask(other))))
      .then((answers) => joined(answers.filter((metrics) => metrics !== undefined)))
      .then((text) => send(worker, { type: 'metrics.all', id: message.id, text }));
  });
}

/** In a worker: the text with the metrics of all of them; in a process that stands alone, its own. */
export function createJoin(registry: () => Registry): () => Promise<string> {
  if (!cluster.isWorker) return () => registry().metrics();
  const asked = new Map<number, (text: string) => void>();
  let lastId = 0;

  const onMessage = (message: Message): void => {
    if (message.type === 'metrics.all') asked.get(message.id)?.(message.text ?? '');
    if (message.type !== 'metrics.own') return;
    void registry()
      .getMetricsAsJSON()
      .then((metrics) => sendUp({ type: 'metrics.own', id: message.id, metrics }));
  };
  process.on('message', onMessage);

  return () =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const timer = setTimeout(() => {
        asked.delete(id);
        reject(new Error('the supervisor does not answer'));
      }, ALL_WITHIN_MS);
      asked.set(id, (text) => {
        clearTimeout(timer);
        asked.delete(id);
        resolve(text);
      });
      sendUp({ type: 'metrics.all', id });
    });
}

function joined(answers: Metrics[]): Promise<string> {
  for (const metric of answers.flat()) {
    const aggregator = AGGREGATORS[metric.name];
    if (aggregator !== undefined) Object.assign(metric, { aggregator });
  }
  return promClient().AggregatorRegistry.aggregate(answers).metrics();
}

/** A worker that has ended causes no error here; the deadline leaves it out. */
function send(worker: Worker, message: Message): void {
  worker.send(message, () => {});
}

function sendUp(message: Message): void {
  process.send?.(message, undefined, undefined, () => {});
}

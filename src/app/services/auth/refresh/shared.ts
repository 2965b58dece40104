import DataLoader from 'dataloader';
import { chargeShared, currentTrace, inTrace, type Trace } from '../../../observability/trace.ts';
import { createBatchScheduler } from '../../../utils/batch-scheduler.ts';

/** Statements under way at once; what comes meanwhile gathers for the next statement. */
const MAX_IN_FLIGHT = 4;
const MAX_BATCH = 500;

interface Asked<Asking> {
  asking: Asking;
  /** The request that pays for the statement. */
  trace: Trace | undefined;
}

/** Lets requests of the same moment share a statement, which answers them in their order. */
export function createShared<Asking, Answer>(
  answerAll: (asked: readonly Asking[]) => Promise<Answer[]>,
): (asking: Asking) => Promise<Answer> {
  const turn = createBatchScheduler(MAX_IN_FLIGHT);
  const loader = new DataLoader<Asked<Asking>, Answer>(
    async (batch) => {
      const [first, ...others] = batch;
      const began = performance.now();
      try {
        return await turn.hold(inTrace(first?.trace, () => answerAll(batch.map(({ asking }) => asking))));
      } finally {
        chargeShared(others, performance.now() - began);
      }
    },
    { cache: false, maxBatchSize: MAX_BATCH, batchScheduleFn: turn.enter },
  );
  return (asking) => loader.load({ asking, trace: currentTrace() });
}

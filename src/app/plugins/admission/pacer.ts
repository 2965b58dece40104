/** Runs a few of the given functions in each turn of the event loop, in their order, so that what comes meanwhile need not wait for all. */
export function createPacer(perTurn: number): (work: () => void) => void {
  let waiting: (() => void)[] = [];
  let isPlanned = false;

  const runSome = (): void => {
    const [some, rest] = [waiting.slice(0, perTurn), waiting.slice(perTurn)];
    waiting = rest;
    isPlanned = rest.length > 0;
    if (isPlanned) setImmediate(runSome);
    for (const work of some) work();
  };

  return (work) => {
    waiting.push(work);
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(runSome);
  };
}

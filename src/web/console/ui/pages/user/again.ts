import { useEffect } from 'preact/hooks';
import type { Call } from '../../api.ts';
import { type Loaded, useCall } from '../../load.ts';

/** The answer of a call, asked for again with every other number. */
export function useAgain<T>(call: Call, round: number): Loaded<T> {
  const loaded = useCall<T>(call);
  useEffect(() => {
    if (round > 0) loaded.reload();
  }, [round]);
  return loaded;
}

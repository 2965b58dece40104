import { ApiError } from 'back-client';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Call, Cancelled, send } from './api.ts';

/** What a view shows of a call: nothing yet, its answer, or why there is none. An older answer stays while a newer one comes. */
export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
  reload: () => void;
}

/** The answer of a call, asked for again if the call is another one. `undefined`: nothing is asked for. */
export function useCall<T>(call: Call | undefined): Loaded<T> {
  const key = JSON.stringify(call);
  const [state, setState] = useState<{ data?: T; error?: ApiError | undefined; loading: boolean }>({ loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(0);
  useEffect(() => {
    if (call === undefined) return;
    const number = ++latest.current;
    const isCurrent = (): boolean => latest.current === number;
    setState((before) => ({ ...before, loading: true }));
    send<T>(call).then(
      (data) => isCurrent() && setState({ data, loading: false }),
      (error) => {
        if (isCurrent() && !(error instanceof Cancelled))
          setState((before) => ({ ...before, error: asApiError(error), loading: false }));
      },
    );
  }, [key, round]);
  useEffect(() => () => void latest.current++, []);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { data: state.data, error: state.error, isLoading: state.loading, reload };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

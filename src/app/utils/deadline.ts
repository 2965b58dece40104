/** The value of `work`, or a rejection after `ms` milliseconds; the work itself continues, and its outcome is ignored. */
export async function withinDeadline<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

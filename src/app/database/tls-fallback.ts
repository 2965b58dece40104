/** Runs `connect`, and again in clear if the server has no TLS and `sslmode` is `allow` or `prefer` (libpq §34.19.1). */
export async function withTlsFallback<T>(
  may_fall_back: boolean,
  connect: (transport: 'as configured' | 'in clear') => Promise<T>,
): Promise<T> {
  try {
    return await connect('as configured');
  } catch (error) {
    const isRefusal = error instanceof Error && /does not support SSL/.test(error.message);
    if (!isRefusal || !may_fall_back) throw error;
    return connect('in clear');
  }
}

/** `allow` and `prefer` also take a server without TLS (libpq §34.19.1): runs `connect` again, in clear, if that is what failed. */
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

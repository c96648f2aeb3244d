/**
 * A call that may be made twice: a connection that was kept open can be reset at the moment it is
 * used again, and then the call is made once more, on a new one. What is refused stays refused.
 */
export async function patientFetch(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code !== 'ECONNRESET') throw error;
    return fetch(url, init);
  }
}

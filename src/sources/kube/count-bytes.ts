/** Passes chunks on as they come, and tells the length of each. */
export async function* countBytes(
  chunks: AsyncIterable<Buffer>,
  tell: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    tell(chunk.length)
    yield chunk
  }
}

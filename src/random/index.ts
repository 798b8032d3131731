/** Named random streams. */
export { randomStream, type RandomStream } from "./random-stream.ts"

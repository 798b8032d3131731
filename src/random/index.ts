/** Named random streams, and numbers drawn by place. */
export { normalAt, type NormalAt } from "./normal-at.ts"
export { randomStream, type RandomStream } from "./random-stream.ts"

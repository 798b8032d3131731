/** The command line as a value: arguments in, exit status out. */
export { program } from "./program.ts"

export * from "./stopgap.ts"

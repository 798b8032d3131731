import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import { leanCatalog, leanConstants } from "./lean-catalog.ts"
import { leanScales } from "./lean-scales.ts"
import { cardsModule } from "./shipped-cards.ts"
import { singleFile } from "./single-file.ts"

/**
 * The rooms are values and functions: a module of which nothing is used does nothing, and a property that is read and not used
 * was not worth reading. Effect, YAML and d3 say the same of themselves.
 */
const treeshake = {
  moduleSideEffects: (id: string): boolean => !/\/src\/[^?]*\.ts$/.test(id),
  propertyReadSideEffects: false,
  unknownGlobalSideEffects: false
} as const

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [leanScales(), cardsModule(), singleFile()],
  worker: {
    format: "iife",
    plugins: () => [leanCatalog(), leanConstants()],
    rolldownOptions: { treeshake }
  },
  build: {
    outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2024",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // The cards are made by simulating nothing, but by reading every shipped scenario: that takes a second.
    rolldownOptions: { treeshake, checks: { pluginTimings: false } }
  }
})

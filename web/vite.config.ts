import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import { leanCatalog, leanConstants } from "./lean-catalog.ts"
import { cardsModule } from "./shipped-cards.ts"
import { singleFile } from "./single-file.ts"

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [cardsModule(), singleFile()],
  worker: { format: "iife", plugins: () => [leanCatalog(), leanConstants()] },
  build: {
    outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2024",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // The cards are made by simulating nothing, but by reading every shipped scenario: that takes a second.
    rolldownOptions: { checks: { pluginTimings: false } }
  }
})

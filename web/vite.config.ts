import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"
import { singleFile } from "./single-file.ts"

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [singleFile()],
  worker: { format: "iife" },
  build: {
    outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2024",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false
  }
})

declare module "virtual:windtunnel-cards" {
  import type { Card } from "./start/card.ts"

  export const cards: readonly Card[]
}

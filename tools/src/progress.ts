/** What tools/progress.mjs gives to the compiled part. */
export interface Progress {
  paint: (code: number, text: string) => string;
  say(text?: string): void;
  /** Begins a step; call the result when it is done, with another text if you like. */
  step(label: string): (note?: string) => void;
  clear(): void;
}

/** What the tests in the extension host hand to the test outside. */
export interface HostReport {
  readonly cases: {
    readonly name: string;
    readonly ms: number;
    /** Why it failed, with its stack. */
    readonly error?: string;
  }[];
  /** Measured values by what they are, with their unit in the name. */
  readonly figures: Record<string, number>;
  /** All cases have run. */
  readonly ended?: true;
}

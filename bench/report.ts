import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";

/** One measured figure with what it is held against. */
interface Row {
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it must reach: at least or at most `limit`. */
  readonly target?: {
    readonly sense: "at least" | "at most";
    readonly limit: number;
    readonly of: string;
  };
  readonly note?: string;
}

export class Report {
  readonly rows: Row[] = [];

  add(row: Row): void {
    this.rows.push(row);
    console.log(line(row));
  }

  /** Writes everything as JSON and answers whether all targets were met. */
  async write(path: string): Promise<boolean> {
    const machine = {
      cpu: cpus()[0]?.model ?? "",
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      at: new Date().toISOString(),
    };
    await mkdir(new URL("./", `file://${path}`), { recursive: true });
    await writeFile(path, `${JSON.stringify({ machine, rows: this.rows }, null, 2)}\n`);
    return this.rows.every(met);
  }
}

function met(row: Row): boolean {
  if (!row.target) return true;
  const { sense, limit } = row.target;
  return sense === "at least" ? row.value >= limit : row.value <= limit;
}

function line(row: Row): string {
  const value =
    row.value >= 100 ? Math.round(row.value).toLocaleString("en") : row.value.toPrecision(3);
  const { target } = row;
  const aim = target
    ? `${met(row) ? "ok  " : "MISS"} ${target.sense} ${target.limit >= 100 ? Math.round(target.limit).toLocaleString("en") : target.limit.toPrecision(3)} (${target.of})`
    : "";
  return `${row.group.padEnd(12)} ${row.name.padEnd(44)} ${value.padStart(10)} ${row.unit.padEnd(6)} ${aim}${row.note ? `  ${row.note}` : ""}`;
}

import { MocError } from "../protocol/errors.ts";
import type { Filter, FunctionSettings, Name, Plug, TechID } from "../protocol/model.ts";
import type { DeployAnswer } from "../protocol/rest-deploy.ts";
import type { NewFilter } from "./filters.ts";
import { type Change, joinChanges } from "./keyspace.ts";
import { sameJson, techIDOf } from "./names.ts";
import type { PlatformState } from "./platform-state.ts";
import { completePlug, type NewPlug, plugTitle } from "./plugs.ts";

/** Everything that a function is, checked as far as that goes without looking at the platform. */
export interface Deploy {
  readonly name: string;
  readonly techID: TechID;
  readonly settings: FunctionSettings;
  /** Functions and files; they belong to the deploy. */
  readonly plugs: readonly NewPlug[];
  readonly filters: readonly Omit<NewFilter, "name" | "owner">[];
  /** Its places are its own whoever has them: for functions of the platform, which must be there. */
  readonly takesOver?: boolean;
}

/**
 * Makes name, settings, plugs and filters of a function what the deploy says, in one write: what
 * an earlier deploy of the same function made and this one does not mention goes. Deploys run one
 * after the other.
 * @throws MOC_NAME_INVALID, MOC_BAD_REQUEST, MOC_NOT_FOUND (blob), MOC_CONFLICT (a path belongs to
 *   something else); nothing is changed then
 */
export async function deploy(state: PlatformState, wanted: Deploy): Promise<DeployAnswer> {
  const before = filesOf(state, wanted.name);
  const answer = await state.keyspace.transact(() => deployChange(state, wanted));
  const now = new Set(filesOf(state, wanted.name));
  state.unused.release(before.filter((techID) => !now.has(techID)));
  await state.unused.removeReleased();
  if (answer.changed.length > 0) {
    const { name, tech_id: techID, revision, changed } = answer;
    state.events.emit({ kind: "deployed", at: Date.now(), name, techID, revision, changed });
  }
  return answer;
}

/**
 * Removes a name and all plugs and filters that its deploys made, in one write. The blob stays.
 * @throws MOC_NOT_FOUND
 */
export async function undeploy(state: PlatformState, name: string): Promise<DeployAnswer> {
  const answer = await state.keyspace.transact((): Change<DeployAnswer> => {
    const present = state.names.get(name);
    if (!present) throw new MocError("MOC_NOT_FOUND", `there is no function '${name}'`);
    const plugs = state.plugs.ownedBy(name);
    const filters = state.filters.ownedBy(name);
    const change = joinChanges([
      state.names.removeChange(name),
      state.plugs.change(plugs, []),
      state.filters.change(filters, []),
    ]);
    const changed = [
      `removed ${name}`,
      ...plugs.map((plug) => `unplugged ${plugTitle(plug)}`),
      ...filters.map((filter) => `unplugged filter ${filterTitle(filter)}`),
    ];
    return { ...change, result: answerOf(present, changed) };
  });
  state.events.emit({ kind: "undeployed", at: Date.now(), name });
  return answer;
}

function filesOf(state: PlatformState, owner: string): readonly TechID[] {
  const files = state.plugs.ownedBy(owner).filter((plug) => plug.type === "file");
  return files.flatMap((plug) => techIDOf(plug.name) ?? []);
}

function deployChange(state: PlatformState, wanted: Deploy): Change<DeployAnswer> {
  const before = state.names.get(wanted.name);
  const name = state.names.setChange(wanted.name, wanted.techID, wanted.settings);
  const plugs = completePlugs(state, wanted);
  const oldPlugs = state.plugs.ownedBy(wanted.name);
  const filters = completeFilters(state, wanted);
  const oldFilters = state.filters.ownedBy(wanted.name);
  const change = joinChanges([
    name,
    state.plugs.change(oldPlugs, plugs),
    state.filters.change(oldFilters, filters),
  ]);
  const changed = [
    ...nameChanges(before, name.result),
    ...plugChanges(state, oldPlugs, plugs),
    ...filterChanges(state, oldFilters, filters),
  ];
  return { ...change, result: answerOf(name.result, changed) };
}

function completePlugs(state: PlatformState, wanted: Deploy): readonly Plug[] {
  const places = new Map<string, Plug>();
  return wanted.plugs.map((one) => {
    const plug = completePlug({ ...one, owner: wanted.name });
    const place = state.plugs.placeOf(plug);
    const other = places.get(place);
    if (other) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        `${plugTitle(plug)} and ${plugTitle(other)} of '${wanted.name}' are the same place; keep one`,
      );
    }
    places.set(place, plug);
    if (!wanted.takesOver) checkFree(state.plugs.at(plug), plug);
    return plug;
  });
}

/** A path that is plugged already is taken over only where it was this function's anyway. */
function checkFree(present: Plug | undefined, plug: Plug): void {
  if (!present || present.owner === plug.owner) return;
  if (present.owner === undefined && present.name === plug.owner) return;
  const owner = present.owner ?? present.name;
  throw new MocError(
    "MOC_CONFLICT",
    `${plugTitle(present)} is plugged for '${owner}' already; choose another path for '${plug.owner}', or unplug that one`,
  );
}

function completeFilters(state: PlatformState, wanted: Deploy): readonly Filter[] {
  const filters = new Map<string, Filter>();
  for (const one of wanted.filters) {
    const filter = state.filters.complete({ ...one, name: wanted.name, owner: wanted.name });
    const same = [...filters.values()].find((other) => sameFilter(other, filter));
    if (same) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        `filter ${filterTitle(filter)} is given twice; keep one of them`,
      );
    }
    filters.set(filter.id, filter);
  }
  return [...filters.values()];
}

function sameFilter(a: Filter, b: Filter): boolean {
  return a.start_function === b.start_function && a.data === b.data;
}

function nameChanges(before: Name | undefined, now: Name): string[] {
  if (before && before.revision === now.revision) return [];
  const changed: string[] = [];
  if (before?.techID !== now.techID) {
    changed.push(`${now.name} is now ${now.techID.slice(0, 12)} (revision ${now.revision})`);
  }
  if (before && !sameJson(before.settings, now.settings)) {
    changed.push(`settings of ${now.name} changed (revision ${now.revision})`);
  }
  return changed;
}

function plugChanges(
  state: PlatformState,
  before: readonly Plug[],
  now: readonly Plug[],
): string[] {
  const kept = new Set(now.map((plug) => state.plugs.placeOf(plug)));
  return [
    ...before
      .filter((plug) => !kept.has(state.plugs.placeOf(plug)))
      .map((plug) => `unplugged ${plugTitle(plug)}`),
    ...now.flatMap((plug) => {
      const present = state.plugs.at(plug);
      if (!present) return `plugged ${plugTitle(plug)}`;
      return sameJson(present, plug) ? [] : `plugged ${plugTitle(plug)} anew`;
    }),
  ];
}

function filterChanges(
  state: PlatformState,
  before: readonly Filter[],
  now: readonly Filter[],
): string[] {
  const kept = new Set(now.map((filter) => filter.id));
  return [
    ...before
      .filter((filter) => !kept.has(filter.id))
      .map((filter) => `unplugged filter ${filterTitle(filter)}`),
    ...now.flatMap((filter) => {
      const present = state.filters.list().find((one) => one.id === filter.id);
      if (!present) return `plugged filter ${filterTitle(filter)}`;
      return sameJson(present, filter) ? [] : `changed filter ${filterTitle(filter)}`;
    }),
  ];
}

function filterTitle(filter: Filter): string {
  return filter.start_function ? `${filter.name}:${filter.start_function}` : filter.name;
}

function answerOf(name: Name, changed: readonly string[]): DeployAnswer {
  return {
    status: true,
    name: name.name,
    tech_id: name.techID,
    revision: name.revision,
    changed,
  };
}

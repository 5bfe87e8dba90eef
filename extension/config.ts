import { type ConfigurationScope, workspace } from "vscode";
import type { SettingName, SettingValue } from "./contributions/settings.ts";

/** Value of one of our settings; its default is the declared one. */
export function setting<N extends SettingName>(
  name: N,
  scope?: ConfigurationScope,
): SettingValue<N> {
  const value = workspace.getConfiguration("myOwnCluster", scope ?? null).get(name);
  // The editor fills in the declared default, and refuses values of another type in its UI.
  return value as SettingValue<N>;
}

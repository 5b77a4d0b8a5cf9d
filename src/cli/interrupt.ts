/** Ctrl-C: the first asks the work to stop and report what it has, the second ends the process at once. */

/** A signal that aborts at the first SIGINT or SIGTERM; `release` restores the default behaviour. */
export function interruptSignal(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    // 128 + signal number, as a shell reports a killed command.
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}

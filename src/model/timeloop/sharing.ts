/**
 * How the children of one storage level share what it sends: groups of children that want the same words at the same
 * time, the links a group's words cross, and words a child takes from a neighbour instead.
 */

/** Children on the level's grid; `offsets[child]` says where its box lies relative to the first child's. */
export interface Children {
  /** Names this arrangement. */
  readonly key: string;
  readonly offsets: readonly (readonly number[])[];
  readonly gridX: number;
  readonly gridY: number;
}

/** Groups of one size. */
export interface Sharing {
  readonly multicast: number;
  /** Groups. */
  readonly scatter: number;
  /** Links crossed by one word to each of the groups. */
  readonly hops: number;
}

/** Groups of children with equal boxes; `takes(child)` leaves one out. */
export function shareEqual(children: Children, alone: boolean, leavesOut?: readonly boolean[]): Sharing[] {
  const groups = new Map<string, number[]>();
  children.offsets.forEach((offset, child) => {
    if (leavesOut?.[child]) return;
    const key = alone ? `${child}` : offset.join();
    const group = groups.get(key);
    if (group) group.push(child);
    else groups.set(key, [child]);
  });
  const bySize = new Map<number, Sharing>();
  for (const group of groups.values()) {
    const { scatter, hops } = bySize.get(group.length) ?? { scatter: 0, hops: 0 };
    const multicast = group.length;
    bySize.set(multicast, { multicast, scatter: scatter + 1, hops: hops + groupHops(children, group) });
  }
  return [...bySize.values()].toSorted((a, b) => a.multicast - b.multicast);
}

/**
 * Links one word crosses to reach all children of a group: it enters at the left edge, in the middle of the rows,
 * runs along X to the last column and leaves it in each touched column, up and down as far as needed.
 */
function groupHops({ gridX, gridY }: Children, group: readonly number[]): number {
  const centre = (gridY - 1) / 2;
  const columns = new Map<number, { first: number; last: number }>();
  for (const child of group) {
    const column = child % gridX;
    const row = Math.floor(child / gridX);
    const { first, last } = columns.get(column) ?? { first: row, last: row };
    columns.set(column, { first: Math.min(first, row), last: Math.max(last, row) });
  }
  let hops = Math.max(...columns.keys());
  for (const { first, last } of columns.values())
    hops += Math.max(0, centre - first) + Math.max(0, last - centre);
  return hops;
}

/**
 * Children that find the words they want in a neighbour (left, right, above, below), which fetched them one step
 * before; `shift` is how far the first child's fetch lies from where it lay then.
 */
export function suppliedByNeighbours(now: Children, before: Children, shift: readonly number[]): boolean[] {
  const { gridX, gridY } = now;
  return now.offsets.map((offset, child) => {
    const column = child % gridX;
    const row = Math.floor(child / gridX);
    const neighbours = [
      ...(row > 0 ? [child - gridX] : []),
      ...(row < gridY - 1 ? [child + gridX] : []),
      ...(column > 0 ? [child - 1] : []),
      ...(column < gridX - 1 ? [child + 1] : []),
    ];
    return neighbours.some((other) => {
      const theirs = before.offsets[other];
      return theirs !== undefined && offset.every((o, r) => o + shift[r] === theirs[r]);
    });
  });
}

import { compareVietnamese, fold } from '@eoffice/platform/text';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Comparator, Filter } from '@eoffice/jmap/querying';
import * as shape from '@eoffice/jmap/shapes';
import type { Folder } from './folder-rows.js';

/** What folders are looked for by (RFC 8621, 2.3). */
export const folderConditions = {
  parentId: shape.nullable(shape.text(255)),
  name: shape.text(1_000),
  role: shape.nullable(shape.text(50)),
  hasAnyRole: shape.flag,
  isSubscribed: shape.flag,
};
export const folderSorts = { sortOrder: {}, name: {}, parentId: {} };

/** How the folders of a mailbox are to be ordered, as a tree or in one list. */
export interface Order {
  sort: Comparator[];
  sortAsTree: boolean;
  filterAsTree: boolean;
}

/** The ids of the folders that a filter finds, in order: a mailbox has few enough to look at all. */
export function findFolders(folders: Folder[], filter: Filter | null, order: Order): string[] {
  const sorted = [...folders].sort(comparing(order.sort));
  const ordered = order.sortAsTree ? asTree(sorted) : sorted;
  const found = new Set(ordered.filter((folder) => !filter || matches(folder, filter)));
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const stands = (folder: Folder): boolean => {
    if (!found.has(folder)) return false;
    const parent = folder.parentId && byId.get(folder.parentId);
    return !order.filterAsTree || !parent || stands(parent);
  };
  return ordered.filter(stands).map(({ id }) => id);
}

function matches(folder: Folder, filter: Filter): boolean {
  if ('condition' in filter) return fulfils(folder, filter.condition);
  const { operator, conditions } = filter;
  if (operator === 'AND') return conditions.every((each) => matches(folder, each));
  const some = conditions.some((each) => matches(folder, each));
  return operator === 'OR' ? some : !some;
}

function fulfils(folder: Folder, condition: JsonObject): boolean {
  const { parentId, name, role, hasAnyRole, isSubscribed } = condition;
  return (
    (parentId === undefined || folder.parentId === parentId) &&
    (name === undefined || fold(folder.name).includes(fold(name as string))) &&
    (role === undefined || folder.role === role) &&
    (hasAnyRole === undefined || (folder.role !== null) === hasAnyRole) &&
    (isSubscribed === undefined || folder.isSubscribed === isSubscribed)
  );
}

function comparing(sort: Comparator[]) {
  return (one: Folder, other: Folder): number => {
    for (const { property, isAscending } of sort) {
      const difference = compareBy(property, one, other);
      if (difference !== 0) return isAscending ? difference : -difference;
    }
    return one.id < other.id ? -1 : 1;
  };
}

function compareBy(property: string, one: Folder, other: Folder): number {
  if (property === 'sortOrder') return one.sortOrder - other.sortOrder;
  if (property === 'name') return compareVietnamese(one.name, other.name);
  return compareVietnamese(one.parentId ?? '', other.parentId ?? '');
}

/** Each folder after its parent, before the parent's next sibling. */
function asTree(sorted: Folder[]): Folder[] {
  const within = (parentId: string | null): Folder[] =>
    sorted
      .filter((folder) => folder.parentId === parentId)
      .flatMap((folder) => [folder, ...within(folder.id)]);
  return within(null);
}

import { Calendar } from './calendar.js';
import { Imports } from './imports.js';
import { Organisations } from './organisations.js';
import { People } from './people.js';
import { Roles } from './roles.js';

/** What serves the directory's contracts. */
export const directoryFeatures = [Organisations, People, Roles, Calendar, Imports];

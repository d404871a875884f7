import { Calendar } from './calendar.js';
import { Imports } from './imports.js';
import { Organisations } from './organisations.js';
import { People } from './people.js';

/** What serves the directory's contracts. */
export const directoryFeatures = [Organisations, People, Calendar, Imports];

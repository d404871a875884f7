import { runService } from '@eoffice/platform/run-service';
import { InspectionsModule } from './inspections.module.js';

await runService('inspections', InspectionsModule);

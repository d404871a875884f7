import { runService } from '@eoffice/platform/run-service';
import { PortalsModule } from './portals.module.js';

await runService('portals', PortalsModule);

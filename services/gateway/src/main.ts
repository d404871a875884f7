import { runService } from '@eoffice/platform/run-service';
import { GatewayModule } from './gateway.module.js';
import { prepareHttp } from './http/http.js';

await runService('gateway', GatewayModule, prepareHttp);

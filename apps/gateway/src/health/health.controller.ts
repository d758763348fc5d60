/** The shared health routes, open to all. */
import { Health, HealthController } from '@mcpstack/service-kit';
import { Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '../auth/access.ts';

@ApiExcludeController()
@Access({ to: 'public' })
@Controller('health')
export class GatewayHealthController extends HealthController {
  constructor(health: Health) {
    super(health);
  }
}

import { Health, HealthController, Log } from '@mcpstack/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { Provider } from 'oidc-provider';
import { Accounts } from './accounts.ts';
import { LoginController, LoginPlace } from './login.controller.ts';

export interface IdentityProviderParts {
  log: Log;
  health: Health;
  accounts: Accounts;
  provider: Provider;
  place: LoginPlace;
}

@Module({})
export class IdentityProviderModule {
  static of({ log, health, accounts, provider, place }: IdentityProviderParts): DynamicModule {
    return {
      module: IdentityProviderModule,
      controllers: [HealthController, LoginController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Accounts, useValue: accounts },
        { provide: Provider, useValue: provider },
        { provide: LoginPlace, useValue: place },
      ],
    };
  }
}

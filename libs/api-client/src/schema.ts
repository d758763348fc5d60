// Made from docs/openapi.json by `npm run openapi`; changes by hand are lost.
export interface paths {
    "/api/v1/auth/device": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask to be let in as a person
         * @description For programs without a browser of their own. Show the person `verificationUri` and `userCode`, and poll `POST /auth/token`.
         */
        post: operations["beginDeviceLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log out */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the tokens of a session
         * @description With a device code, once a person has approved: before, 400 `authorization-pending`, or `slow-down` with a longer interval; 400 `authorization-denied` and `grant-expired` are final. With a refresh token: it is good once; until the next tokens were used, and within 30 seconds, the same one again answers the same again; later it ends the session.
         */
        post: operations["getToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ends leaked service keys. No login: whoever holds a secret may end it.
         * @description The answer is the same whatever was found. What was found is revoked, finally, when it comes. Answers 429 to an address that asks too often.
         */
        post: operations["revokeCredentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/embed/agent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The agent that a publishable key is for.
         * @description Called by web pages: needs the Origin header of the browser, at which the key is allowed.
         */
        get: operations["getEmbeddedAgent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrations/github/secret-scanning": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes the findings of GitHub secret scanning, signed by GitHub.
         * @description 404 where `GITHUB_SECRET_SCANNING_KEYS` is not set.
         */
        post: operations["reportGithubSecrets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation
         * @description Whoever shows the token becomes the member, whatever address it was sent to.
         */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get who you are */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get your profile */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        /** Erase your profile */
        delete: operations["eraseProfile"];
        options?: never;
        head?: never;
        /**
         * Change your profile
         * @description What is absent stays.
         */
        patch: operations["changeProfile"];
        trace?: never;
    };
    "/api/v1/me/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The calling service key ends itself. */
        post: operations["revokeOwnKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List where you are logged in */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session of yours */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your organizations */
        get: operations["listOrganizations"];
        put?: never;
        /** Create an organization */
        post: operations["createOrganization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an organization */
        get: operations["getOrganization"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Rename an organization */
        patch: operations["renameOrganization"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the agents */
        get: operations["listAgents"];
        put?: never;
        /** Create an agent */
        post: operations["createAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/agents/{agentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an agent */
        get: operations["getAgent"];
        put?: never;
        post?: never;
        /** Remove an agent and its publishable keys */
        delete: operations["removeAgent"];
        options?: never;
        head?: never;
        /** Rename an agent */
        patch: operations["renameAgent"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/agents/{agentId}/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the domains of an agent */
        get: operations["listDomains"];
        put?: never;
        /** Add a domain to an agent */
        post: operations["addDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/agents/{agentId}/domains/{domainId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a domain */
        get: operations["getDomain"];
        put?: never;
        post?: never;
        /** Remove a domain */
        delete: operations["removeDomain"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/agents/{agentId}/domains/{domainId}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look for the proof of a domain now
         * @description It is looked for once a day by itself. An answer may take 15 seconds.
         */
        post: operations["checkDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists service keys, newest first, revoked ones too.
         * @description With a filter a page may hold fewer keys than `limit` although another page follows.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Creates a service key.
         * @description The secret is in this answer and nowhere else. A key can do no more than its maker.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/bulk-revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes every service key in force that a filter finds. */
        post: operations["bulkRevokeApiKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Imports keys of another make by the SHA-256 of their tokens.
         * @description Each line is answered by itself. The tokens verify at once, with prefixes of their own.
         */
        post: operations["importApiKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads a service key. */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revokes a service key, everywhere and for good.
         * @description A key may always revoke itself.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        /**
         * Renames, tags or narrows a service key.
         * @description Each of the terms may only become narrower; what is to be wider needs a new key.
         */
        patch: operations["updateApiKey"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what happened to a key, of either kind. */
        get: operations["listApiKeyEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says why a check of a service key would answer what it answers.
         * @description Every step of a check with what was found. Uses nothing up, and counts as no use.
         */
        post: operations["explainApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resumes a suspended service key. */
        post: operations["resumeApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a service key a new secret.
         * @description The present one works on for a day unless `previous` says otherwise; older ones end at once.
         */
        post: operations["rotateApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspends a service key until it is resumed. */
        post: operations["suspendApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/api-keys/{keyId}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How often a service key was found valid. */
        get: operations["getApiKeyUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what happened in the organization.
         * @description The newest 100,000 events. With a filter a page may hold fewer than `limit`, or none, although another page follows. To follow the events, ask with `order=oldest` and `after` the `position` of the answer before.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the invitations */
        get: operations["listInvitations"];
        put?: never;
        /** Invite somebody */
        post: operations["inviteMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/invitations/{invitationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an invitation */
        get: operations["getInvitation"];
        put?: never;
        post?: never;
        /** Revoke an invitation */
        delete: operations["revokeInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the members */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/members/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a member */
        get: operations["getMember"];
        put?: never;
        post?: never;
        /**
         * Remove a member, or leave
         * @description Members may remove themselves; the last owner may not.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /** Change the role of a member */
        patch: operations["changeMemberRole"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/members/{userId}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a suspended member */
        post: operations["resumeMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/members/{userId}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend a member */
        post: operations["suspendMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get what an organization demands of its keys */
        get: operations["getPolicy"];
        /**
         * Set what an organization demands of its keys
         * @description Takes the whole policy, and holds for keys that are made from now on.
         */
        put: operations["replacePolicy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists publishable keys, newest first, revoked ones too. */
        get: operations["listPublicKeys"];
        put?: never;
        /** Creates a publishable key for one agent and exact origins. */
        post: operations["createPublicKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys/{keyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads a publishable key. */
        get: operations["getPublicKey"];
        put?: never;
        post?: never;
        /** Revokes a publishable key, everywhere and for good. */
        delete: operations["revokePublicKey"];
        options?: never;
        head?: never;
        /** Renames a publishable key, or takes origins from it. */
        patch: operations["updatePublicKey"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys/{keyId}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says why a check of a publishable key would answer what it answers.
         * @description Every step of a check with what was found. Uses nothing up, and counts as no use.
         */
        post: operations["explainPublicKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys/{keyId}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resumes a suspended publishable key. */
        post: operations["resumePublicKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys/{keyId}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspends a publishable key until it is resumed. */
        post: operations["suspendPublicKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys/{keyId}/temporary-origins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Allows a publishable key at one more origin, for at most 7 days. */
        post: operations["addTemporaryOrigin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/public-keys/{keyId}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How often a publishable key was found valid. */
        get: operations["getPublicKeyUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a suspended organization */
        post: operations["resumeOrganization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the servers */
        get: operations["listServers"];
        put?: never;
        /** Create a server */
        post: operations["createServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/servers/{serverId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a server */
        get: operations["getServer"];
        put?: never;
        post?: never;
        /** Remove a server */
        delete: operations["removeServer"];
        options?: never;
        head?: never;
        /** Change a server */
        patch: operations["updateServer"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend an organization and all its keys */
        post: operations["suspendOrganization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the webhooks */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook
         * @description It is told of what happens from now on. Takes `audit:read` as well: whoever says where events go could read them there.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a webhook */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /** Remove a webhook */
        delete: operations["removeWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description Takes `audit:read` as well.
         */
        patch: operations["updateWebhook"];
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of the latest messages of a webhook */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop telling a webhook, until it is enabled */
        post: operations["disableWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on telling a webhook, from where it stopped
         * @description Takes `audit:read` as well.
         */
        post: operations["enableWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell a webhook again, from a position or a time
         * @description Goes back only, and skips nothing. The same message has the same `webhook-id`. What is no longer kept is told as a gap. Takes `audit:read` as well.
         */
        post: operations["replayWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description Messages are also signed with the present one for a day unless `previous` says otherwise. Takes `audit:read` as well.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organizations/{orgId}/webhooks/{webhookId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message of type Ping now
         * @description Also to one that is disabled. An answer may take 15 seconds; of each organization two may be under way.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List roles and permissions */
        get: operations["listPermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptBody: {
            /** @description As it was shown to whoever invited. */
            token: string;
        };
        AcceptedAnswer: {
            /** @description How many were sent. */
            accepted: number;
        };
        ActorAnswer: {
            /** @enum {string} */
            type: "user" | "key" | "system";
            id: string;
        };
        AddDomainBody: {
            /** @description A host name, without scheme and path. It is stored in lower case and A-labels. */
            domain: string;
        };
        AgentAnswer: {
            id: string;
            organizationId: string;
            name: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** @description What the ETag holds. */
            revision: string;
        };
        AgentBody: {
            name: string;
        };
        AgentList: {
            data: components["schemas"]["AgentAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        AllowedOriginAnswer: {
            origin: string;
            /**
             * Format: date-time
             * @description Of a temporary one.
             */
            expiresAt?: string;
        };
        ApiKeyAnswer: {
            id: string;
            organizationId: string;
            /** @enum {string} */
            kind: "service";
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            permissions: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
            scope?: components["schemas"]["KeyScopeBody"];
            /** @description CIDR blocks in canonical form. */
            allowedIps?: string[];
            tags: string[];
            environment?: string;
            limits?: components["schemas"]["RateLimitBody"][];
            quotas?: components["schemas"]["QuotaBody"][];
            /** @enum {string} */
            state: "active" | "suspended" | "expired" | "revoked";
            /** @description Those that still work, oldest first. */
            secrets: components["schemas"]["KeySecretAnswer"][];
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /**
             * @description The member who made it no longer holds all that it may do.
             * @enum {boolean}
             */
            beyondMaker?: true;
            /** Format: date-time */
            lastUsedAt?: string;
            lastUsedFrom?: components["schemas"]["LastUsedFromAnswer"];
            /**
             * Format: date-time
             * @description When a web page last sent its secret. Rotate it.
             */
            exposedAt?: string;
            /** Format: date-time */
            suspendedAt?: string;
            /** Format: date-time */
            revokedAt?: string;
            /** @enum {string} */
            revocationReason?: "requested" | "maker-lost-rights" | "reported-leak" | "ended-by-holder";
            /** @description What the ETag holds. */
            revision: string;
        };
        ApiKeyList: {
            data: components["schemas"]["ApiKeyAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        BulkKeyAnswer: {
            id: string;
            name: string;
            /** Format: date-time */
            lastUsedAt?: string;
        };
        BulkRevokeAnswer: {
            dryRun: boolean;
            /** @description Those revoked, newest first. */
            keys: components["schemas"]["BulkKeyAnswer"][];
            count: number;
            /**
             * @description There may be others: repeat the request to go on.
             * @enum {boolean}
             */
            more?: true;
        };
        BulkRevokeBody: {
            /** @description At least one field; a key must meet all of them. */
            filter: components["schemas"]["KeyFilterBody"];
            /**
             * @description Only says what would be revoked now.
             * @default false
             */
            dryRun?: boolean;
        };
        ChangeMemberBody: {
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
        };
        ChangedMemberAnswer: {
            organizationId: string;
            userId: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            /** @enum {string} */
            state: "active" | "suspended";
            /** Format: date-time */
            joinedAt: string;
            /** @description Of the profile, where there is one. */
            name?: string;
            /** @description Of the profile, where there is one. */
            email?: string;
            /** @description Keys that were revoked with it, by the organization's policy. */
            revokedKeyIds: string[];
        };
        CheckedDomainAnswer: {
            id: string;
            organizationId: string;
            agentId: string;
            domain: string;
            /**
             * @description `stale`: the proof was not found at the last look; still good until `graceEndsAt`. `lapsed`: no more.
             * @enum {string}
             */
            state: "pending" | "verified" | "stale" | "lapsed";
            /** @description Publish one of the two. */
            proof: components["schemas"]["DomainProof"];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            verifiedAt?: string;
            /**
             * @description Where the proof was found.
             * @enum {string}
             */
            method?: "dns" | "file";
            /** Format: date-time */
            graceEndsAt?: string;
            /**
             * Format: date-time
             * @description Another organization has proven the domain since; it must be proven again here.
             */
            contestedAt?: string;
            /** @description What was looked for and found. */
            found: components["schemas"]["DomainFound"];
        };
        CreateKeyBody: {
            /** @description Narrows the role to these. Absent: all that the role may. */
            permissions?: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
            /** @description Limits it to some agents or servers. */
            scope?: components["schemas"]["KeyScopeBody"];
            /**
             * Format: date-time
             * @description In the future, at most 3650 days ahead.
             */
            expiresAt?: string;
            /** @description CIDR blocks or addresses. Absent: any address. */
            allowedIps?: string[];
            limits?: components["schemas"]["RateLimitBody"][];
            quotas?: components["schemas"]["QuotaBody"][];
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            tags?: string[];
            environment?: string;
            /** @description SHA-256 of a token that you made yourself. Then no secret is made or shown. */
            digest?: string;
        };
        CreatePublicKeyBody: {
            name: string;
            agentId: string;
            /** @description Exact origins: scheme, host and port, under a verified domain of the agent. */
            origins: (string | components["schemas"]["AllowedOriginAnswer"])[];
            /**
             * @description May also be used from localhost.
             * @default false
             */
            development?: boolean;
            /** Format: date-time */
            expiresAt?: string;
        };
        CreateServerBody: {
            name: string;
            /** Format: uri */
            url?: string;
        };
        CreateWebhookBody: {
            name?: string;
            /**
             * Format: uri
             * @description Absolute, https, of the public internet. It may hold a secret, and only admins see it.
             */
            url: string;
            /**
             * @description Types of audit events; `*` alone stands for all, also those to come.
             * @default [
             *       "*"
             *     ]
             */
            eventTypes?: ("*" | "OrganizationCreated" | "OrganizationRenamed" | "OrganizationPolicyChanged" | "OrganizationSuspended" | "OrganizationResumed" | "MemberInvited" | "InvitationRevoked" | "InvitationAccepted" | "MemberRoleChanged" | "MemberSuspended" | "MemberResumed" | "MemberRemoved" | "AgentCreated" | "AgentRenamed" | "AgentRemoved" | "AgentDomainAdded" | "AgentDomainVerified" | "AgentDomainStale" | "AgentDomainLapsed" | "AgentDomainContested" | "AgentDomainRemoved" | "ServerCreated" | "ServerRenamed" | "ServerUrlChanged" | "ServerRemoved" | "KeyCreated" | "KeyRenamed" | "KeyTagged" | "KeyNarrowed" | "KeyRotated" | "KeySecretRetired" | "KeySuspended" | "KeyResumed" | "KeyRevoked" | "KeyExpiring" | "KeyExpired" | "KeyExposed" | "PublicKeyCreated" | "PublicKeyOriginAdded" | "PublicKeyOriginRemoved" | "WebhookCreated" | "WebhookRenamed" | "WebhookUrlChanged" | "WebhookEventTypesChanged" | "WebhookSecretRotated" | "WebhookDisabled" | "WebhookEnabled" | "WebhookRemoved")[];
        };
        CreatedInvitationAnswer: {
            id: string;
            organizationId: string;
            /** @description While it is pending. */
            email?: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            /** @enum {string} */
            state: "pending" | "accepted" | "revoked";
            /**
             * Format: date-time
             * @description After this it cannot be accepted any more.
             */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** @description Who accepted it. */
            acceptedBy?: string;
            /** @description Whoever shows it becomes the member. Shown once, in this answer. */
            token?: string;
            /**
             * @description A retry whose token was shown before and cannot be shown again.
             * @enum {boolean}
             */
            secretAlreadyShown?: true;
        };
        CreatedKeyAnswer: {
            id: string;
            organizationId: string;
            /** @enum {string} */
            kind: "service";
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            permissions: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
            scope?: components["schemas"]["KeyScopeBody"];
            /** @description CIDR blocks in canonical form. */
            allowedIps?: string[];
            tags: string[];
            environment?: string;
            limits?: components["schemas"]["RateLimitBody"][];
            quotas?: components["schemas"]["QuotaBody"][];
            /** @enum {string} */
            state: "active" | "suspended" | "expired" | "revoked";
            /** @description Those that still work, oldest first. */
            secrets: components["schemas"]["KeySecretAnswer"][];
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /**
             * @description The member who made it no longer holds all that it may do.
             * @enum {boolean}
             */
            beyondMaker?: true;
            /** Format: date-time */
            lastUsedAt?: string;
            lastUsedFrom?: components["schemas"]["LastUsedFromAnswer"];
            /**
             * Format: date-time
             * @description When a web page last sent its secret. Rotate it.
             */
            exposedAt?: string;
            /** Format: date-time */
            suspendedAt?: string;
            /** Format: date-time */
            revokedAt?: string;
            /** @enum {string} */
            revocationReason?: "requested" | "maker-lost-rights" | "reported-leak" | "ended-by-holder";
            /** @description What the ETag holds. */
            revision: string;
            /** @description The key itself. Shown in this answer and never again. */
            secret?: string;
            /**
             * @description A retry whose secret was shown before.
             * @enum {boolean}
             */
            secretAlreadyShown?: true;
        };
        CreatedWebhookAnswer: {
            id: string;
            organizationId: string;
            name?: string;
            url: string;
            /** @description Types of audit events; `*` alone stands for all, also those to come. */
            eventTypes: ("*" | "OrganizationCreated" | "OrganizationRenamed" | "OrganizationPolicyChanged" | "OrganizationSuspended" | "OrganizationResumed" | "MemberInvited" | "InvitationRevoked" | "InvitationAccepted" | "MemberRoleChanged" | "MemberSuspended" | "MemberResumed" | "MemberRemoved" | "AgentCreated" | "AgentRenamed" | "AgentRemoved" | "AgentDomainAdded" | "AgentDomainVerified" | "AgentDomainStale" | "AgentDomainLapsed" | "AgentDomainContested" | "AgentDomainRemoved" | "ServerCreated" | "ServerRenamed" | "ServerUrlChanged" | "ServerRemoved" | "KeyCreated" | "KeyRenamed" | "KeyTagged" | "KeyNarrowed" | "KeyRotated" | "KeySecretRetired" | "KeySuspended" | "KeyResumed" | "KeyRevoked" | "KeyExpiring" | "KeyExpired" | "KeyExposed" | "PublicKeyCreated" | "PublicKeyOriginAdded" | "PublicKeyOriginRemoved" | "WebhookCreated" | "WebhookRenamed" | "WebhookUrlChanged" | "WebhookEventTypesChanged" | "WebhookSecretRotated" | "WebhookDisabled" | "WebhookEnabled" | "WebhookRemoved")[];
            /** @enum {string} */
            state: "active" | "disabled";
            /** Format: date-time */
            disabledAt?: string;
            /**
             * @description `failing`: nothing but failure for five days. `gone`: the receiver answered 410.
             * @enum {string}
             */
            disabledReason?: "requested" | "failing" | "gone";
            /**
             * Format: date-time
             * @description Since when there was nothing but failure.
             */
            failingSince?: string;
            /** @description Those that sign, oldest first. */
            secrets: components["schemas"]["WebhookSecretAnswer"][];
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** @description What the ETag holds. */
            revision: string;
            /** @description What messages are signed with. Shown in this answer and never again. */
            secret?: string;
            /**
             * @description A retry whose secret was shown before.
             * @enum {boolean}
             */
            secretAlreadyShown?: true;
        };
        DeviceAnswer: {
            /** @description For POST /auth/token. Show it to nobody. */
            deviceCode: string;
            /** @description For a person to type. */
            userCode: string;
            verificationUri: string;
            /** @description With the code in it. */
            verificationUriComplete: string;
            /** @description Of both codes. Seconds. */
            expiresIn: number;
            /** @description To wait between two polls. Seconds. */
            interval: number;
        };
        DeviceBody: {
            /** @description What the person reads who decides, and later the name of the session. */
            clientName?: string;
        };
        DnsProof: {
            /** @enum {string} */
            type: "TXT";
            name: string;
            value: string;
        };
        DomainAnswer: {
            id: string;
            organizationId: string;
            agentId: string;
            domain: string;
            /**
             * @description `stale`: the proof was not found at the last look; still good until `graceEndsAt`. `lapsed`: no more.
             * @enum {string}
             */
            state: "pending" | "verified" | "stale" | "lapsed";
            /** @description Publish one of the two. */
            proof: components["schemas"]["DomainProof"];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            verifiedAt?: string;
            /**
             * @description Where the proof was found.
             * @enum {string}
             */
            method?: "dns" | "file";
            /** Format: date-time */
            graceEndsAt?: string;
            /**
             * Format: date-time
             * @description Another organization has proven the domain since; it must be proven again here.
             */
            contestedAt?: string;
        };
        DomainFound: {
            dns: components["schemas"]["FoundInDns"];
            file: components["schemas"]["FoundInFile"];
        };
        DomainList: {
            data: components["schemas"]["DomainAnswer"][];
        };
        DomainProof: {
            dns: components["schemas"]["DnsProof"];
            file: components["schemas"]["FileProof"];
        };
        EmbedAnswer: {
            agent: components["schemas"]["EmbeddedAgent"];
            key: components["schemas"]["EmbeddingKey"];
        };
        EmbeddedAgent: {
            id: string;
            name: string;
        };
        EmbeddingKey: {
            id: string;
            /** Format: date-time */
            expiresAt?: string;
        };
        EventAnswer: {
            /** @description The same wherever the event is told. */
            id: string;
            /** @enum {string} */
            type: "OrganizationCreated" | "OrganizationRenamed" | "OrganizationPolicyChanged" | "OrganizationSuspended" | "OrganizationResumed" | "MemberInvited" | "InvitationRevoked" | "InvitationAccepted" | "MemberRoleChanged" | "MemberSuspended" | "MemberResumed" | "MemberRemoved" | "AgentCreated" | "AgentRenamed" | "AgentRemoved" | "AgentDomainAdded" | "AgentDomainVerified" | "AgentDomainStale" | "AgentDomainLapsed" | "AgentDomainContested" | "AgentDomainRemoved" | "ServerCreated" | "ServerRenamed" | "ServerUrlChanged" | "ServerRemoved" | "KeyCreated" | "KeyRenamed" | "KeyTagged" | "KeyNarrowed" | "KeyRotated" | "KeySecretRetired" | "KeySuspended" | "KeyResumed" | "KeyRevoked" | "KeyExpiring" | "KeyExpired" | "KeyExposed" | "PublicKeyCreated" | "PublicKeyOriginAdded" | "PublicKeyOriginRemoved" | "WebhookCreated" | "WebhookRenamed" | "WebhookUrlChanged" | "WebhookEventTypesChanged" | "WebhookSecretRotated" | "WebhookDisabled" | "WebhookEnabled" | "WebhookRemoved";
            /** Format: date-time */
            at: string;
            /** @description Who did it. */
            actor: components["schemas"]["ActorAnswer"];
            organizationId: string;
            /** @description What it is about. */
            subject: components["schemas"]["SubjectAnswer"];
            /** @description Of the request that set it off; the answer to that request named it in `X-Request-Id`. */
            requestId: string;
            /** @description Its place in the log, growing from event to event. */
            position: string;
            /** @description What the type tells beyond this; docs/audit-events.md has it for each. Fields may be added. */
            data: {
                [key: string]: unknown;
            };
        };
        EventList: {
            data: components["schemas"]["EventAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
            /** @description All events up to here were looked at: send it as `after`, with `order=oldest`, for what comes later. With `order=newest` on the first page alone. */
            position?: string;
            /** @description There are so many events that those before this position are no longer kept here. */
            droppedBefore?: string;
        };
        ExplainBody: {
            permission?: string;
            /**
             * @description What the service takes the key for.
             * @enum {string}
             */
            kind?: "service" | "publishable";
            /** @description The agent that the request is about. */
            agentId?: string;
            /** @description The server that the request is about. */
            serverId?: string;
            /** @description The page's Origin header. */
            origin?: string;
            /** @description The client's address. */
            ip?: string;
            /** @default 1 */
            cost?: number;
        };
        ExplainedCheckAnswer: {
            /** @enum {string} */
            check: "proof" | "expectation" | "secret" | "state" | "origin" | "address" | "permission" | "limits";
            passed: boolean;
            /**
             * @description What this check alone would answer.
             * @enum {string}
             */
            code?: "VALID" | "NOT_FOUND" | "REVOKED" | "EXPIRED" | "SUSPENDED" | "FORBIDDEN" | "ORIGIN_NOT_ALLOWED" | "IP_NOT_ALLOWED" | "RATE_LIMITED" | "QUOTA_EXCEEDED" | "MALFORMED" | "UNAVAILABLE";
            message: string;
        };
        ExplanationAnswer: {
            keyId: string;
            /**
             * @description What a check would answer now.
             * @enum {string}
             */
            code: "VALID" | "NOT_FOUND" | "REVOKED" | "EXPIRED" | "SUSPENDED" | "FORBIDDEN" | "ORIGIN_NOT_ALLOWED" | "IP_NOT_ALLOWED" | "RATE_LIMITED" | "QUOTA_EXCEEDED" | "MALFORMED" | "UNAVAILABLE";
            /** @description Every step of a check, in its order. */
            checks: components["schemas"]["ExplainedCheckAnswer"][];
        };
        FileProof: {
            /** Format: uri */
            url: string;
            content: string;
        };
        FoundInDns: {
            name: string;
            ok: boolean;
            /** @description The TXT values that stand there. */
            values: string[];
            /** @description What is wrong, for people. */
            problem?: string;
        };
        FoundInFile: {
            /** Format: uri */
            url: string;
            ok: boolean;
            /** @description What is wrong, for people. */
            problem?: string;
        };
        ImportKeysAnswer: {
            /** @description One for each key, in order. */
            results: components["schemas"]["ImportResultAnswer"][];
        };
        ImportKeysBody: {
            keys: components["schemas"]["ImportedKeyBody"][];
        };
        ImportResultAnswer: {
            /** @enum {string} */
            status: "created" | "refused";
            key?: components["schemas"]["ApiKeyAnswer"];
            problem?: components["schemas"]["Problem"];
        };
        ImportedKeyBody: {
            /** @description Narrows the role to these. Absent: all that the role may. */
            permissions?: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
            /** @description Limits it to some agents or servers. */
            scope?: components["schemas"]["KeyScopeBody"];
            /**
             * Format: date-time
             * @description In the future, at most 3650 days ahead.
             */
            expiresAt?: string;
            /** @description CIDR blocks or addresses. Absent: any address. */
            allowedIps?: string[];
            limits?: components["schemas"]["RateLimitBody"][];
            quotas?: components["schemas"]["QuotaBody"][];
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            tags?: string[];
            environment?: string;
            /** @description SHA-256 of the token. */
            digest: string;
            /**
             * @description Told from the digest if absent.
             * @enum {string}
             */
            encoding?: "hex" | "base64" | "base64url";
            /** @description How the token begins. */
            hint?: string;
        };
        InvitationAnswer: {
            id: string;
            organizationId: string;
            /** @description While it is pending. */
            email?: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            /** @enum {string} */
            state: "pending" | "accepted" | "revoked";
            /**
             * Format: date-time
             * @description After this it cannot be accepted any more.
             */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** @description Who accepted it. */
            acceptedBy?: string;
        };
        InvitationList: {
            data: components["schemas"]["InvitationAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        InviteBody: {
            /** Format: email */
            email: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            /**
             * Format: date-time
             * @description Until when it can be accepted: at most 30 days ahead, 7 days if absent.
             */
            expiresAt?: string;
        };
        KeyFilterBody: {
            tag?: string;
            /** @description The id of the user or key that made it. */
            createdBy?: string;
            /** @enum {string} */
            role?: "owner" | "admin" | "developer" | "viewer";
            environment?: string;
            /**
             * Format: date-time
             * @description Last used, or else made, before this time.
             */
            unusedSince?: string;
        };
        KeyScopeBody: {
            agents?: string[];
            servers?: string[];
        };
        KeySecretAnswer: {
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** @description How the token begins, where it is none of our own making. */
            hint?: string;
            /**
             * Format: date-time
             * @description Until when an older secret still works.
             */
            validUntil?: string;
            /**
             * @description It ends earlier, once the next one is seen in use.
             * @enum {boolean}
             */
            untilNextSeen?: true;
        };
        KeyUsageAnswer: {
            keyId: string;
            /** @description VALID answers, in all. */
            count: number;
            /** Format: date-time */
            firstUsedAt?: string;
            /** Format: date-time */
            lastUsedAt?: string;
            lastUsedFrom?: components["schemas"]["LastUsedFromAnswer"];
            /** @description The newest first, at most 100. */
            windows: components["schemas"]["UsageWindowAnswer"][];
        };
        LastUsedFromAnswer: {
            /** @description The network of the address: an IPv4 /24 or an IPv6 /48. */
            addressPrefix?: string;
            /** @description The family of the user agent. */
            userAgent?: string;
        };
        MatchLabel: {
            /** @description SHA-256 of the token, hexadecimal. */
            token_hash: string;
            /** @description As it was sent. */
            token_type: string;
            /** @enum {string} */
            label: "true_positive" | "false_positive";
        };
        MeAnswer: {
            /** @enum {string} */
            type: "user" | "key";
            id: string;
            /** @description Of a key: its organization. */
            organizationId?: string;
            /**
             * @description Of a key. A person has a role in each organization.
             * @enum {string}
             */
            role?: "owner" | "admin" | "developer" | "viewer";
            /** @description Of a key: all that it may do. */
            permissions?: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
            /** @description Of a key that is limited to some agents or servers. */
            scope?: components["schemas"]["MeScope"];
            /**
             * Format: date-time
             * @description Of a key that expires.
             */
            expiresAt?: string;
        };
        MeScope: {
            agents?: string[];
            servers?: string[];
        };
        MemberAnswer: {
            organizationId: string;
            userId: string;
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            /** @enum {string} */
            state: "active" | "suspended";
            /** Format: date-time */
            joinedAt: string;
            /** @description Of the profile, where there is one. */
            name?: string;
            /** @description Of the profile, where there is one. */
            email?: string;
        };
        MemberList: {
            data: components["schemas"]["MemberAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        OrganizationAnswer: {
            id: string;
            name: string;
            /** @enum {string} */
            state: "active" | "suspended";
            /** Format: date-time */
            createdAt: string;
            /** @description What the ETag holds. */
            revision: string;
            /**
             * @description What the caller is there.
             * @enum {string}
             */
            role: "owner" | "admin" | "developer" | "viewer";
        };
        OrganizationBody: {
            name: string;
        };
        OrganizationList: {
            data: components["schemas"]["OrganizationAnswer"][];
        };
        PermissionsAnswer: {
            /** @description From most to least. */
            roles: components["schemas"]["RoleAnswer"][];
            /** @description All that there are. */
            permissions: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
        };
        PolicyAnswer: {
            /** @description A new key expires within this many days. */
            longestKeyLifeDays?: number;
            /** @description A new key must expire. */
            expiryRequired?: boolean;
            /** @description A new key has one of these roles. Absent: any that its maker may give. */
            allowedKeyRoles?: ("owner" | "admin" | "developer" | "viewer")[];
            /**
             * @description What becomes of the keys of a member who is demoted, suspended or removed, once a key holds more than the member still does: `list` shows them, `revoke` revokes them before the change is answered.
             * @enum {string}
             */
            onMakerLoss: "list" | "revoke";
        };
        PolicyBody: {
            /** @description A new key expires within this many days. */
            longestKeyLifeDays?: number;
            /** @description A new key must expire. */
            expiryRequired?: boolean;
            /** @description A new key has one of these roles. Absent: any that its maker may give. */
            allowedKeyRoles?: ("owner" | "admin" | "developer" | "viewer")[];
            /**
             * @description What becomes of the keys of a member who is demoted, suspended or removed, once a key holds more than the member still does: `list` shows them, `revoke` revokes them before the change is answered.
             * @enum {string}
             */
            onMakerLoss: "list" | "revoke";
        };
        PreviousSecretBody: {
            /** @default 86400 */
            validForSeconds?: number;
            /**
             * @description Until the new one has been seen in use, and 7 days at most. Not together with the other.
             * @enum {boolean}
             */
            untilNextSeen?: true;
        };
        PreviousWebhookSecretBody: {
            /** @default 86400 */
            validForSeconds?: number;
        };
        Problem: {
            /** Format: uri */
            type: string;
            title: string;
            status: number;
            /** @enum {string} */
            code: "bad-request" | "validation-failed" | "ambiguous-credentials" | "authorization-pending" | "slow-down" | "authorization-denied" | "grant-expired" | "unauthenticated" | "forbidden" | "policy-violation" | "cross-site" | "secret-in-browser" | "not-found" | "method-not-allowed" | "conflict" | "precondition-failed" | "payload-too-large" | "unsupported-media-type" | "idempotency-key-reused" | "too-many-requests" | "internal" | "unavailable" | "not-final";
            detail: string;
            requestId?: string;
            /** @description With `forbidden`: what is missing. */
            permission?: string;
            /** @description With `policy-violation`: the rule of the organization's policy. */
            rule?: string;
            errors?: {
                field: string;
                message: string;
            }[];
        };
        ProfileAnswer: {
            userId: string;
            name?: string;
            email?: string;
        };
        ProfileBody: {
            /** @description An empty text removes it. */
            name?: string;
            /** @description An address, or an empty text, which removes it. */
            email?: string;
        };
        PublicKeyAnswer: {
            id: string;
            organizationId: string;
            /** @enum {string} */
            kind: "publishable";
            name: string;
            agentId: string;
            /** @description The key itself, for the page that embeds the agent. */
            value: string;
            /** @description Temporary ones only until they end. */
            origins: components["schemas"]["AllowedOriginAnswer"][];
            /** @description May also be used from localhost. */
            development: boolean;
            /** @enum {string} */
            state: "active" | "suspended" | "expired" | "revoked";
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** Format: date-time */
            lastUsedAt?: string;
            lastUsedFrom?: components["schemas"]["LastUsedFromAnswer"];
            /** Format: date-time */
            suspendedAt?: string;
            /** Format: date-time */
            revokedAt?: string;
            /** @enum {string} */
            revocationReason?: "requested" | "maker-lost-rights" | "reported-leak" | "ended-by-holder";
            /** @description What the ETag holds. */
            revision: string;
        };
        PublicKeyList: {
            data: components["schemas"]["PublicKeyAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        QuotaBody: {
            name: string;
            limit: number;
            /**
             * @description A calendar interval, UTC; weeks begin on Monday.
             * @enum {string}
             */
            interval: "hour" | "day" | "week" | "month";
        };
        RateLimitBody: {
            name: string;
            limit: number;
            /** @description Milliseconds. */
            windowMs: number;
        };
        ReplayWebhookBody: {
            /** @description What comes after it is sent again. It must not lie ahead of what was delivered: nothing is skipped. */
            position?: string;
            /**
             * Format: date-time
             * @description Everything from then on is sent again.
             */
            time?: string;
        };
        RevokeCredentialsBody: {
            /** @description Secrets of service keys, as they stand. Publishable keys are no secret and are passed over. */
            credentials: string[];
        };
        RoleAnswer: {
            /** @enum {string} */
            role: "owner" | "admin" | "developer" | "viewer";
            permissions: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
        };
        RotateKeyBody: {
            /** @description How the present secret ends. */
            previous?: components["schemas"]["PreviousSecretBody"];
            /** @description SHA-256 of a token that you made yourself. Then no secret is made or shown. */
            digest?: string;
        };
        RotateWebhookSecretBody: {
            /** @description How long messages are also signed with the present secret. */
            previous?: components["schemas"]["PreviousWebhookSecretBody"];
        };
        SecretMatch: {
            token: string;
            type: string;
            /** @description Where it was found; may be empty. */
            url: string;
            source: string;
        };
        ServerAnswer: {
            id: string;
            organizationId: string;
            name: string;
            url?: string;
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** @description What the ETag holds. */
            revision: string;
        };
        ServerList: {
            data: components["schemas"]["ServerAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        SessionAnswer: {
            id: string;
            /** @enum {string} */
            kind: "browser" | "device";
            /** @description What the browser or the device is called. */
            label: string;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description Within five minutes.
             */
            lastUsedAt: string;
            /**
             * Format: date-time
             * @description Of a device: unless it is used before.
             */
            expiresAt: string;
            /** @description Whether this request came with it. */
            current: boolean;
        };
        SessionList: {
            data: components["schemas"]["SessionAnswer"][];
        };
        SubjectAnswer: {
            /** @enum {string} */
            kind: "organization" | "member" | "invitation" | "agent" | "domain" | "server" | "key" | "webhook";
            id: string;
        };
        TemporaryOriginBody: {
            origin: string;
            /**
             * Format: date-time
             * @description At most 7 days ahead.
             */
            expiresAt: string;
        };
        TokenAnswer: {
            /** @description Send it as `Authorization: Bearer`. */
            accessToken: string;
            /** @enum {string} */
            tokenType: "Bearer";
            /** @description Of the access token. Seconds. */
            expiresIn: number;
            /** @description Good once, for the next two tokens, within 30 days. */
            refreshToken: string;
            sessionId: string;
            userId: string;
        };
        TokenBody: {
            /** @enum {string} */
            grantType: "device-code" | "refresh-token";
            /** @description With `device-code`, and only with it. */
            deviceCode?: string;
            /** @description With `refresh-token`, and only with it. */
            refreshToken?: string;
        };
        UpdateKeyBody: {
            /** @description Narrows the role to these. Absent: all that the role may. */
            permissions?: ("organization:read" | "organization:write" | "owners:write" | "members:read" | "members:write" | "api-keys:read" | "api-keys:write" | "api-keys:explain" | "domains:read" | "domains:write" | "servers:read" | "servers:write" | "agents:read" | "agents:write" | "telemetry:write" | "audit:read" | "webhooks:read" | "webhooks:write")[];
            /** @description Limits it to some agents or servers. */
            scope?: components["schemas"]["KeyScopeBody"];
            /**
             * Format: date-time
             * @description In the future, at most 3650 days ahead.
             */
            expiresAt?: string;
            /** @description CIDR blocks or addresses. Absent: any address. */
            allowedIps?: string[];
            limits?: components["schemas"]["RateLimitBody"][];
            quotas?: components["schemas"]["QuotaBody"][];
            name?: string;
            /**
             * @description One that may no more than the present one.
             * @enum {string}
             */
            role?: "owner" | "admin" | "developer" | "viewer";
            tags?: string[];
        };
        UpdatePublicKeyBody: {
            name?: string;
            /** @description The origins that stay. Others need a new key. */
            origins?: string[];
        };
        UpdateServerBody: {
            name?: string;
            /** Format: uri */
            url?: string;
        };
        UpdateWebhookBody: {
            name?: string;
            /**
             * Format: uri
             * @description Absolute, https, of the public internet. It may hold a secret, and only admins see it.
             */
            url?: string;
            /** @description Types of audit events; `*` alone stands for all, also those to come. */
            eventTypes?: ("*" | "OrganizationCreated" | "OrganizationRenamed" | "OrganizationPolicyChanged" | "OrganizationSuspended" | "OrganizationResumed" | "MemberInvited" | "InvitationRevoked" | "InvitationAccepted" | "MemberRoleChanged" | "MemberSuspended" | "MemberResumed" | "MemberRemoved" | "AgentCreated" | "AgentRenamed" | "AgentRemoved" | "AgentDomainAdded" | "AgentDomainVerified" | "AgentDomainStale" | "AgentDomainLapsed" | "AgentDomainContested" | "AgentDomainRemoved" | "ServerCreated" | "ServerRenamed" | "ServerUrlChanged" | "ServerRemoved" | "KeyCreated" | "KeyRenamed" | "KeyTagged" | "KeyNarrowed" | "KeyRotated" | "KeySecretRetired" | "KeySuspended" | "KeyResumed" | "KeyRevoked" | "KeyExpiring" | "KeyExpired" | "KeyExposed" | "PublicKeyCreated" | "PublicKeyOriginAdded" | "PublicKeyOriginRemoved" | "WebhookCreated" | "WebhookRenamed" | "WebhookUrlChanged" | "WebhookEventTypesChanged" | "WebhookSecretRotated" | "WebhookDisabled" | "WebhookEnabled" | "WebhookRemoved")[];
        };
        UsageWindowAnswer: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            count: number;
        };
        WebhookAnswer: {
            id: string;
            organizationId: string;
            name?: string;
            url: string;
            /** @description Types of audit events; `*` alone stands for all, also those to come. */
            eventTypes: ("*" | "OrganizationCreated" | "OrganizationRenamed" | "OrganizationPolicyChanged" | "OrganizationSuspended" | "OrganizationResumed" | "MemberInvited" | "InvitationRevoked" | "InvitationAccepted" | "MemberRoleChanged" | "MemberSuspended" | "MemberResumed" | "MemberRemoved" | "AgentCreated" | "AgentRenamed" | "AgentRemoved" | "AgentDomainAdded" | "AgentDomainVerified" | "AgentDomainStale" | "AgentDomainLapsed" | "AgentDomainContested" | "AgentDomainRemoved" | "ServerCreated" | "ServerRenamed" | "ServerUrlChanged" | "ServerRemoved" | "KeyCreated" | "KeyRenamed" | "KeyTagged" | "KeyNarrowed" | "KeyRotated" | "KeySecretRetired" | "KeySuspended" | "KeyResumed" | "KeyRevoked" | "KeyExpiring" | "KeyExpired" | "KeyExposed" | "PublicKeyCreated" | "PublicKeyOriginAdded" | "PublicKeyOriginRemoved" | "WebhookCreated" | "WebhookRenamed" | "WebhookUrlChanged" | "WebhookEventTypesChanged" | "WebhookSecretRotated" | "WebhookDisabled" | "WebhookEnabled" | "WebhookRemoved")[];
            /** @enum {string} */
            state: "active" | "disabled";
            /** Format: date-time */
            disabledAt?: string;
            /**
             * @description `failing`: nothing but failure for five days. `gone`: the receiver answered 410.
             * @enum {string}
             */
            disabledReason?: "requested" | "failing" | "gone";
            /**
             * Format: date-time
             * @description Since when there was nothing but failure.
             */
            failingSince?: string;
            /** @description Those that sign, oldest first. */
            secrets: components["schemas"]["WebhookSecretAnswer"][];
            /** Format: date-time */
            createdAt: string;
            createdBy: components["schemas"]["ActorAnswer"];
            /** @description What the ETag holds. */
            revision: string;
        };
        WebhookAttemptAnswer: {
            /** Format: date-time */
            at: string;
            /** @description The `webhook-id` of the message: the id of the event. */
            messageId: string;
            /** @description Of the event; `Ping` of a test. */
            type: string;
            subject?: components["schemas"]["WebhookSubjectAnswer"];
            /** @description Of the event in the log. */
            position?: string;
            attempt: number;
            ok: boolean;
            /** @description What the receiver answered. */
            status?: number;
            /** @description Why it failed. */
            reason?: string;
            durationMs: number;
        };
        WebhookDeliveriesAnswer: {
            progress: components["schemas"]["WebhookProgressAnswer"];
            /** @description The latest 50, newest first. */
            data: components["schemas"]["WebhookAttemptAnswer"][];
        };
        WebhookGapAnswer: {
            after: string;
            before: string;
            /** Format: date-time */
            at: string;
        };
        WebhookList: {
            data: components["schemas"]["WebhookAnswer"][];
            /** @description Asks for the next page; absent on the last one. */
            nextCursor?: string;
        };
        WebhookProgressAnswer: {
            /** @description Every event up to here was delivered, or is not wanted. */
            position: string;
            /** @description Events that wait, of those looked at. */
            waiting: number;
            /**
             * Format: date-time
             * @description Since when there is nothing but failure.
             */
            failingSince?: string;
            /** Format: date-time */
            nextAttemptAt?: string;
            /** @description Events between these positions were dropped before their turn came. */
            gap?: components["schemas"]["WebhookGapAnswer"];
            /** @description The latest replay: after which position it began again. */
            replayed?: components["schemas"]["WebhookReplayedAnswer"];
        };
        WebhookReplayedAnswer: {
            after: string;
            /** Format: date-time */
            at: string;
            /** @description Of the request that asked for it, as in `X-Request-Id` and in the logs. */
            requestId: string;
        };
        WebhookSecretAnswer: {
            version: number;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description Until when messages are also signed with it.
             */
            validUntil?: string;
        };
        WebhookSubjectAnswer: {
            /** @enum {string} */
            kind: "organization" | "member" | "invitation" | "agent" | "domain" | "server" | "key" | "webhook";
            id: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    beginDeviceLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceBody"];
            };
        };
        responses: {
            /** @description The codes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenBody"];
            };
        };
        responses: {
            /** @description Shown once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevokeCredentialsBody"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEmbeddedAgent: {
        parameters: {
            query?: never;
            header: {
                Origin: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The agent. */
            200: {
                headers: {
                    /** @description The origin that asked. */
                    "Access-Control-Allow-Origin"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbedAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reportGithubSecrets: {
        parameters: {
            query?: never;
            header: {
                /** @description ECDSA on P-256 with SHA-256 over the body as it is sent; DER, base64. */
                "Github-Public-Key-Signature": string;
                "Github-Public-Key-Identifier": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretMatch"][];
            };
        };
        responses: {
            /** @description Which findings are keys of ours. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatchLabel"][];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptBody"];
            };
        };
        responses: {
            /** @description What the caller is there now. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "user",
                     *       "id": "user_1b3D5f7H9j1L3n5P7r9T1v",
                     *       "organizationId": "org_4fZ0q2m1c8bVdJw5rT7yXa"
                     *     }
                     */
                    "application/json": components["schemas"]["MeAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Name and e-mail, where they are known. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    eraseProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Name and e-mail are kept no more. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileBody"];
            };
        };
        responses: {
            /** @description The profile. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeOwnKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No check that begins later finds the key valid. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your sessions, the newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the session. */
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No request that begins later is let in with it. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOrganizations: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those of the caller; of a key, its own. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganizationBody"];
            };
        };
        responses: {
            /** @description The organization; the caller is its owner. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The organization. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renameOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganizationBody"];
            };
        };
        responses: {
            /** @description The organization. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAgents: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the agents, newest first; of a scoped key, those in its scope. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createAgent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentBody"];
            };
        };
        responses: {
            /** @description The agent. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAgent: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The agent. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeAgent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renameAgent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentBody"];
            };
        };
        responses: {
            /** @description The agent. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDomains: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them; an agent has at most 50. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addDomain: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddDomainBody"];
            };
        };
        responses: {
            /** @description The domain, and what to publish so that it is proven. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDomain: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
                /** @description Of the domain. */
                domainId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The domain. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeDomain: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
                /** @description Of the domain. */
                domainId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed; origins under it are allowed no more. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the agent. */
                agentId: string;
                /** @description Of the domain. */
                domainId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The domain, and what was found. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedDomainAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
                state?: "active" | "suspended" | "expired" | "revoked";
                tag?: string;
                role?: "owner" | "admin" | "developer" | "viewer";
                environment?: string;
                /** @description The id of the user or key that made it. */
                createdBy?: string;
                /** @description Last used, or else made, before this time. */
                unusedSince?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKeyBody"];
            };
        };
        responses: {
            /** @description The key, with its secret. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    bulkRevokeApiKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkRevokeBody"];
            };
        };
        responses: {
            /** @description What was revoked, finally; or what would be. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkRevokeAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importApiKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportKeysBody"];
            };
        };
        responses: {
            /** @description What became of each line. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportKeysAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No check that begins later finds the key valid. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateKeyBody"];
            };
        };
        responses: {
            /** @description The key as it is now; a narrowing is final. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listApiKeyEvents: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
                /** @description Which events come first. */
                order?: "newest" | "oldest";
                /** @description Only what came after this `position`. With `order=oldest` this is how to follow the events. */
                after?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainBody"];
            };
        };
        responses: {
            /** @description What a check would answer, and why. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplanationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateKeyBody"];
            };
        };
        responses: {
            /** @description The key, with its new secret. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suspendApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key; no check that begins later finds it valid. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiKeyUsage: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its uses, in all and in the newest windows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyUsageAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
                /** @description Which events come first. */
                order?: "newest" | "oldest";
                /** @description Only what came after this `position`. With `order=oldest` this is how to follow the events. */
                after?: string;
                /** @description Only events of this type; given more than once, of any of these. */
                type?: ("OrganizationCreated" | "OrganizationRenamed" | "OrganizationPolicyChanged" | "OrganizationSuspended" | "OrganizationResumed" | "MemberInvited" | "InvitationRevoked" | "InvitationAccepted" | "MemberRoleChanged" | "MemberSuspended" | "MemberResumed" | "MemberRemoved" | "AgentCreated" | "AgentRenamed" | "AgentRemoved" | "AgentDomainAdded" | "AgentDomainVerified" | "AgentDomainStale" | "AgentDomainLapsed" | "AgentDomainContested" | "AgentDomainRemoved" | "ServerCreated" | "ServerRenamed" | "ServerUrlChanged" | "ServerRemoved" | "KeyCreated" | "KeyRenamed" | "KeyTagged" | "KeyNarrowed" | "KeyRotated" | "KeySecretRetired" | "KeySuspended" | "KeyResumed" | "KeyRevoked" | "KeyExpiring" | "KeyExpired" | "KeyExposed" | "PublicKeyCreated" | "PublicKeyOriginAdded" | "PublicKeyOriginRemoved" | "WebhookCreated" | "WebhookRenamed" | "WebhookUrlChanged" | "WebhookEventTypesChanged" | "WebhookSecretRotated" | "WebhookDisabled" | "WebhookEnabled" | "WebhookRemoved")[];
                /** @description Only what this user, key or part of the system did. */
                actor?: string;
                /** @description Only what is about this key, agent, server, …: its id. */
                subject?: string;
                /** @description At this time or later. */
                from?: string;
                /** @description Before this time. */
                to?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the invitations, newest first, old ones too. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    inviteMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteBody"];
            };
        };
        responses: {
            /** @description The invitation, with its token. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedInvitationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the invitation. */
                invitationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the invitation. */
                invitationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It cannot be accepted any more. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the members, in the order in which they joined. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the member. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the member. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are no member any more. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeMemberRole: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the member. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeMemberBody"];
            };
        };
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedMemberAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the member. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedMemberAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suspendMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the member. */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedMemberAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy; its ETag is that of the organization. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replacePolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyBody"];
            };
        };
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPublicKeys: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
                /** @description Of the agent. */
                agentId?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the keys, with their values. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createPublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePublicKeyBody"];
            };
        };
        responses: {
            /** @description The key. Its value stays readable. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key, with its value. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokePublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No check that begins later finds the key valid. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updatePublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdatePublicKeyBody"];
            };
        };
        responses: {
            /** @description The key as it is now; a removal is final. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainPublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainBody"];
            };
        };
        responses: {
            /** @description What a check would answer, and why. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplanationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumePublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suspendPublicKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key; no check that begins later finds it valid. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addTemporaryOrigin: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemporaryOriginBody"];
            };
        };
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeyAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPublicKeyUsage: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the key. */
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its uses, in all and in the newest windows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyUsageAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The organization. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServers: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the servers, newest first; of a scoped key, those in its scope. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createServer: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateServerBody"];
            };
        };
        responses: {
            /** @description The server. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getServer: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the server. */
                serverId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeServer: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the server. */
                serverId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateServer: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the server. */
                serverId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateServerBody"];
            };
        };
        responses: {
            /** @description The server. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suspendOrganization: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The organization. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrganizationAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the webhooks, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateWebhookBody"];
            };
        };
        responses: {
            /** @description The webhook, with its secret. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhookAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
                /** @description An ETag: the change is made only if the resource is still of this revision, else 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateWebhookBody"];
            };
        };
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: never;
            header?: {
                /** @description What a write answered: the read shows at least that write, or answers 503 in time. */
                "Mcpstack-Position"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is, and the latest attempts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveriesAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disableWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enableWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayWebhookBody"];
            };
        };
        responses: {
            /** @description How far it is now. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookProgressAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries of this request one request. 1 to 255 visible ASCII characters; of at least 128 random bits, it also lets a retry within 10 minutes read the secret of a reply that was lost. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateWebhookSecretBody"];
            };
        };
        responses: {
            /** @description The webhook, with its new secret. */
            201: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    /** @description Where it is now. */
                    Location?: string;
                    /** @description The revision of what is answered. Send it back as `If-Match` to change only this. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhookAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the organization. */
                orgId: string;
                /** @description Of the webhook. */
                webhookId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of it. */
            200: {
                headers: {
                    /** @description A place in the event log; opaque. */
                    "Mcpstack-Position"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "at": "2030-01-31T12:00:00.000Z",
                     *       "messageId": "text",
                     *       "type": "KeyRevoked",
                     *       "position": "1841",
                     *       "attempt": 1,
                     *       "ok": true,
                     *       "status": 204,
                     *       "durationMs": 0
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookAttemptAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPermissions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What each role may do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PermissionsAnswer"];
                };
            };
            /** @description A problem (RFC 9457). */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}

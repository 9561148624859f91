/// Every option of every command: one table that parsing, help and the documentation are made from.
package struct Option: Sendable, Equatable {
    /// Without the dashes.
    package var name: String
    /// What follows it in help: `DIR`; nil for a switch.
    package var value: String?
    /// The environment variable that says the same; nil if there is none.
    package var environment: String?
    package var help: String
    package var defaultText: String

    static let database = Option(
        name: "database",
        value: "sqlite:PATH",
        environment: "TRAINFLOW_DATABASE",
        help: "where TrainFlow keeps its rows",
        defaultText: "sqlite:data/trainflow.db"
    )
    static let plugins = Option(
        name: "plugins",
        value: "DIR",
        environment: "TRAINFLOW_PLUGINS",
        help: "the folder with connectors (*.so)",
        defaultText: "plugins.d beside the executable, else in the working directory"
    )
    static let unsignedPlugins = Option(
        name: "unsigned-plugins",
        value: "allow",
        environment: "TRAINFLOW_UNSIGNED_PLUGINS",
        help: "load connectors without a signature (the only kind until signing is built); says so at each start",
        defaultText: "refused"
    )
    static let runner = Option(
        name: "runner",
        value: "FILE",
        environment: "TRAINFLOW_RUNNER",
        help: "the program that loads connectors",
        defaultText: "trainflow-runner beside the executable"
    )
    static let runnerUser = Option(
        name: "runner-user",
        value: "NAME|UID",
        environment: "TRAINFLOW_RUNNER_USER",
        help: "whom a runner becomes when the host is root",
        defaultText: "nobody"
    )
    static let logLevel = Option(
        name: "log-level",
        value: "debug|info|warning|error",
        environment: "TRAINFLOW_LOG_LEVEL",
        help: "the least a log line must matter to be written",
        defaultText: "info for serve, warning for other commands"
    )
    static let logFormat = Option(
        name: "log-format",
        value: "json|text",
        environment: "TRAINFLOW_LOG_FORMAT",
        help: "how log lines look",
        defaultText: "text on a terminal, else json"
    )
    static let config = Option(
        name: "config",
        value: "FILE",
        environment: "TRAINFLOW_CONFIG",
        help: "a file of settings (JSON) for what neither the command line nor the environment says; no secrets",
        defaultText: "none"
    )
    static let output = Option(
        name: "output",
        value: "text|json",
        environment: nil,
        help: "results as text for people or as JSON lines for programs",
        defaultText: "text"
    )

    static let tenant = Option(
        name: "tenant",
        value: "UUID",
        environment: nil,
        help: "whose people these are",
        defaultText: "required"
    )
    static let entity = Option(
        name: "entity",
        value: "users",
        environment: nil,
        help: "what the file's rows become",
        defaultText: "required"
    )
    static let map = Option(
        name: "map",
        value: "MAP.json",
        environment: nil,
        help: "the field mappings: {\"mappings\": [{\"source_field\", \"target_field\", \"transform_function\"}]}",
        defaultText: "required"
    )
    static let asName = Option(
        name: "as",
        value: "NAME",
        environment: nil,
        help: "the file config to make or use again",
        defaultText: "the file's name without its extension"
    )
    static let settings = Option(
        name: "settings",
        value: "JSON|@FILE",
        environment: nil,
        help: "the connector's settings",
        defaultText: "{}"
    )
    static let policy = Option(
        name: "policy",
        value: "JSON|@FILE",
        environment: nil,
        help: "how people are matched: {\"match\": [\"email\"], \"adopt\": true, \"order_field\": …}",
        defaultText: "as the config has it"
    )
    static let dryRun = Option(
        name: "dry-run",
        value: nil,
        environment: nil,
        help: "stop at a plan: read, map and compare everything, and write nothing",
        defaultText: "off, but for the first run of a config whose policy says first_run: plan"
    )
    static let plan = Option(
        name: "plan",
        value: "HASH",
        environment: nil,
        help: "of a planned run: the plan that is meant, as the dry run has printed it",
        defaultText: "none"
    )
    static let restart = Option(
        name: "restart",
        value: nil,
        environment: nil,
        help: "cancel the config's unfinished run and read from the start",
        defaultText: "off: it is gone on with"
    )
    static let rejects = Option(
        name: "rejects",
        value: "N",
        environment: nil,
        help: "how many rejected rows to show at the end",
        defaultText: "5"
    )

    static let host = Option(
        name: "host",
        value: "ADDRESS",
        environment: "TRAINFLOW_HOST",
        help: "where to listen; TLS belongs to a proxy in front",
        defaultText: "127.0.0.1"
    )
    static let port = Option(
        name: "port",
        value: "N",
        environment: "TRAINFLOW_PORT",
        help: "the port; 0 takes any that is free, and prints it",
        defaultText: "8080"
    )
    static let page = Option(
        name: "page",
        value: "DIR",
        environment: "TRAINFLOW_PAGE",
        help: "the web page's files (frontend/dist), served at /",
        defaultText: "page beside the executable, if it is there; else the API alone"
    )
    static let files = Option(
        name: "files",
        value: "DIR",
        environment: "TRAINFLOW_FILES",
        help: "where uploaded files lie",
        defaultText: "files beside the database"
    )
    static let importRoot = Option(
        name: "import-root",
        value: "DIR",
        environment: "TRAINFLOW_IMPORT_ROOT",
        help: "the folder of the tenants' own folders, DIR/TENANT, that files are imported from",
        defaultText: "none: only uploads"
    )
    static let uploadQuota = Option(
        name: "upload-quota",
        value: "SIZE",
        environment: "TRAINFLOW_UPLOAD_QUOTA",
        help: "the most bytes of a tenant's uploaded files together, as in 512MiB; 0 for no limit",
        defaultText: "20GiB"
    )
    static let uploadLimit = Option(
        name: "upload-limit",
        value: "SIZE",
        environment: "TRAINFLOW_UPLOAD_LIMIT",
        help: "the most bytes of an uploaded file, as in 512MiB",
        defaultText: "1GiB"
    )
    static let rateLimit = Option(
        name: "rate-limit",
        value: "RATE[:BURST]",
        environment: "TRAINFLOW_RATE_LIMIT",
        help: "requests a second of one tenant, and how many may come at once; 0 for no limit",
        defaultText: "50:200"
    )
    static let trustedProxy = Option(
        name: "trusted-proxy",
        value: "CIDR,…",
        environment: "TRAINFLOW_TRUSTED_PROXY",
        help: "proxies whose X-Forwarded-For says who the client is",
        defaultText: "none"
    )
    static let corsOrigin = Option(
        name: "cors-origin",
        value: "ORIGIN,…",
        environment: "TRAINFLOW_CORS_ORIGIN",
        help: "other origins whose pages may use the API",
        defaultText: "none"
    )
    static let administratorOnly = Option(
        name: "administrator-only",
        value: "OPERATION,…",
        environment: "TRAINFLOW_ADMINISTRATOR_ONLY",
        help: "operations of the API (their operationId) that training officers may not use",
        defaultText: "none"
    )

    static let operation = Option(
        name: "op",
        value: "pull|discover|test|validate|describe",
        environment: nil,
        help: "the operation to run",
        defaultText: "pull"
    )
    static let credentials = Option(
        name: "credentials",
        value: "@FILE",
        environment: nil,
        help: "the connector's credentials, a JSON object of texts in a file",
        defaultText: "none"
    )
    static let stream = Option(
        name: "stream",
        value: "S",
        environment: nil,
        help: "the stream to read",
        defaultText: "the input's name, or the only stream"
    )
    static let limit = Option(
        name: "limit",
        value: "N",
        environment: nil,
        help: "stop after so many records",
        defaultText: "all"
    )
    static let state = Option(
        name: "state",
        value: "TOKEN",
        environment: nil,
        help: "go on after what this token covers (base64)",
        defaultText: "from the start"
    )

    static let tokenTenant = Option(
        name: "tenant",
        value: "UUID",
        environment: nil,
        help: "whose rows the token opens (claim tenant_id)",
        defaultText: "required"
    )
    static let role = Option(
        name: "role",
        value: "ROLE",
        environment: nil,
        help: "what its holder is (claim role); the API takes administrator, admin and training_officer",
        defaultText: "required"
    )
    static let subject = Option(
        name: "subject",
        value: "S",
        environment: nil,
        help: "who its holder is (claim sub); stands in the audit",
        defaultText: "development"
    )
    static let timeToLive = Option(
        name: "ttl",
        value: "TIME",
        environment: nil,
        help: "how long it is good for, as in 30s, 15m, 12h, 7d; at most 365d",
        defaultText: "12h"
    )
}

/// A setting that only the environment says, since a command line is seen by every process.
package struct Variable: Sendable, Equatable {
    package var name: String
    package var help: String

    static let tokenSecret = Variable(
        name: "JWT_SECRET",
        help: "the secret that signs tokens, 32 bytes or more: the same that the server verifies them with"
    )
    static let tokenSecretFile = Variable(
        name: "JWT_SECRET_FILE",
        help: "a file that holds it instead"
    )

    static let secretKey = Variable(
        name: "SECRET_KEY",
        help:
            "the key that encrypts credentials: 32 bytes in base64, or a text of 32 characters or more. Several, one a "
            + "line: the first encrypts, all decrypt"
    )
    static let secretKeyFile = Variable(name: "SECRET_KEY_FILE", help: "a file that holds it instead")
    static let tokenKeys = Variable(
        name: "JWT_JWKS",
        help: "a file with the public keys that tokens are checked with (a JWKS), instead of JWT_SECRET"
    )
    static let tokenIssuer = Variable(name: "JWT_ISSUER", help: "what a token's claim iss must be; anything if unset")
    static let tokenAudience = Variable(
        name: "JWT_AUDIENCE",
        help: "what a token's claim aud must be or hold; anything if unset"
    )
}

/// A command's words and options.
package struct Command: Sendable {
    var words: [String]
    /// Positional arguments, as help shows them.
    var arguments: [String]
    var help: String
    var options: [Option]
    /// What it reads from the environment besides what options name.
    var variables: [Variable] = []

    private static let logging: [Option] = [.logLevel, .logFormat, .config]
    private static let everywhere: [Option] = logging + [.output]
    private static let database: [Option] = [.database]
    private static let connectors: [Option] = [.plugins, .unsignedPlugins, .runner, .runnerUser]

    /// What a serving host's keys come from.
    private static let keys: [Variable] = [
        .secretKey, .secretKeyFile, .tokenSecret, .tokenSecretFile, .tokenKeys, .tokenIssuer, .tokenAudience,
    ]

    static let all: [Command] = [
        Command(
            words: ["doctor"],
            arguments: [],
            help: "look at everything that serve needs (give it serve's settings) and say what to do; changes nothing",
            options: database + [.files, .importRoot] + connectors + everywhere,
            variables: keys
        ),
        Command(
            words: ["check"],
            arguments: ["FILE"],
            help: "read a file's rows and say what is odd about them before an import; changes nothing",
            options: [.settings, .stream, .limit] + connectors + everywhere
        ),
        Command(
            words: ["import"],
            arguments: ["FILE"],
            help: "read a file's rows through its connector, map them, and write them",
            options: [.tenant, .entity, .map, .asName, .settings, .policy, .dryRun, .restart, .rejects] + database
                + connectors
                + everywhere
        ),
        Command(
            words: ["migrate"],
            arguments: [],
            help: "bring the database to this program's version (safe to repeat)",
            options: database + everywhere
        ),
        Command(
            words: ["migrate", "plan"],
            arguments: [],
            help: "print the statements that migrate would run",
            options: database + everywhere
        ),
        Command(
            words: ["migrate", "status"],
            arguments: [],
            help: "print which migrations are applied",
            options: database + everywhere
        ),
        Command(
            words: ["plugins", "inspect"],
            arguments: ["ID|FILE.so"],
            help: "print a connector's manifest, or that of a file anywhere, without running any of its code",
            options: connectors + everywhere
        ),
        Command(
            words: ["plugins", "list"],
            arguments: [],
            help: "print which connectors are there, and why a file is refused, without running any of them",
            options: connectors + everywhere
        ),
        Command(
            words: ["plugins", "run"],
            arguments: ["ID"],
            help: "run one operation in the real runner and print it; a pull prints one JSON line a record",
            options: [.operation, .settings, .credentials, .stream, .limit, .state] + connectors + everywhere
        ),
        Command(
            words: ["runs", "approve"],
            arguments: ["RUN"],
            help: "apply what a held run has set aside, or a planned one's plan: exactly what it has shown",
            options: [.tenant, .plan] + database + connectors + everywhere
        ),
        Command(
            words: ["runs", "effects"],
            arguments: ["RUN"],
            help: "print what a run has set aside, or what a planned one would do, record by record",
            options: [.tenant] + database + everywhere
        ),
        Command(
            words: ["runs", "refuse"],
            arguments: ["RUN"],
            help: "end a held run without what it has set aside, a planned one without anything",
            options: [.tenant] + database + everywhere
        ),
        Command(
            words: ["serve"],
            arguments: [],
            help: "answer the HTTP API, show the web page, and work jobs until SIGTERM",
            options: [
                .host, .port, .page, .files, .importRoot, .uploadLimit, .uploadQuota, .rateLimit, .trustedProxy,
                .corsOrigin, .administratorOnly,
            ] + database + connectors + logging,
            variables: keys
        ),
        Command(
            words: ["token"],
            arguments: [],
            help: "print a token for the API, signed with the shared secret, for development",
            options: [.tokenTenant, .role, .subject, .timeToLive],
            variables: [.tokenSecret, .tokenSecretFile]
        ),
        Command(words: ["version"], arguments: [], help: "print the version", options: []),
    ]
}

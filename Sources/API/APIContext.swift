package import ConnectorHost
package import Log
package import Store
package import Sync
package import Time

/// What endpoints work with.
package struct APIContext: Sendable {
    package var store: any Store
    package var connectors: ConnectorHost
    /// Wake them when a job was queued; they cancel runs.
    package var workers: JobWorkers
    /// How far runs are.
    package var board: RunBoard
    /// Opens and seals configs' credentials.
    package var cipher: CredentialCipher
    /// The folder where uploaded files lie, and the most bytes of one.
    package var files: (folder: String, limit: Int64)
    /// Bytes that a tenant's uploaded files may have together; nil for any number.
    package var uploadQuota: Int64?
    /// The tenants' own folders, if there are any to import from.
    package var folders: ImportFolders?
    package var authenticator: any Authenticator
    package var metrics: Metrics
    package var log: Logger
    package var now: @Sendable () -> Instant
    /// This program's.
    package var version: String
    /// How long a request may wait for its connector: for a runner, its start and its answer together.
    package var connectorDeadline: Duration = .seconds(30)
    /// How long saving settings waits for the connector's own look at them: a person waits for it.
    package var settingsPatience: Duration = .seconds(3)

    package init(
        store: any Store,
        connectors: ConnectorHost,
        workers: JobWorkers,
        board: RunBoard,
        cipher: CredentialCipher,
        files: (folder: String, limit: Int64),
        folders: ImportFolders? = nil,
        authenticator: any Authenticator,
        metrics: Metrics = Metrics(),
        log: Logger,
        now: @escaping @Sendable () -> Instant = Instant.now,
        version: String
    ) {
        self.store = store
        self.connectors = connectors
        self.workers = workers
        self.board = board
        self.cipher = cipher
        self.files = files
        self.folders = folders
        self.authenticator = authenticator
        self.metrics = metrics
        self.log = log
        self.now = now
        self.version = version
    }
}

/// What an operator decides about the API.
package struct APISettings: Sendable {
    /// How often each tenant may ask.
    package var rate = RateLimiter.Settings()
    /// Origins whose pages may use the API: `https://lms.example.org`. Empty: none but its own.
    package var corsOrigins: [String] = []
    /// Operation ids that training officers may not call.
    package var administratorOnly: Set<String> = []
    /// Proxies whose `X-Forwarded-For` counts.
    package var trustedProxies: [AddressRange] = []

    package init() {}
}

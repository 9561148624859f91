/// One thing about a config's settings, found without any I/O.
public struct Finding: Sendable, Equatable {
    /// How much it matters.
    public enum Severity: String, Sendable {
        /// The config can't run.
        case error
        /// It can, but look at this.
        case warning
    }

    /// A JSON pointer (RFC 6901) into the settings.
    public var pointer: String
    /// How much it matters.
    public var severity: Severity
    /// Stable, lower case with underscores.
    public var code: String
    /// One sentence: what is wrong and what would be right.
    public var message: String

    /// Describes a finding.
    public init(_ severity: Severity = .error, at pointer: String, code: String, message: String) {
        self.pointer = pointer
        self.severity = severity
        self.code = code
        self.message = message
    }

    /// The finding that a failure of `Connector.init(settings:)` stands for.
    public init(_ failure: ConnectorFailure) {
        self.init(at: failure.pointer ?? "", code: failure.code, message: failure.message)
    }
}

/// What a connection test tried, in order.
public struct TestReport: Sendable, Equatable {
    /// One thing tried.
    public struct Step: Sendable, Equatable {
        /// `dns tcp tls auth permission sample clock_skew`, where they apply, in this order.
        public var name: String
        /// How it went.
        public var outcome: Outcome
        /// How long it took.
        public var duration: Duration
        /// One sentence: what was seen.
        public var message: String
        /// What to do about it; empty if nothing.
        public var hint: String

        /// How a step went.
        public enum Outcome: Sendable, Equatable {
            /// As it should.
            case passed
            /// Not as it should: no operation will work.
            case failed
            /// Not tried, because an earlier step failed or there is nothing to try.
            case skipped
        }

        /// Describes a step.
        public init(
            _ name: String,
            _ outcome: Outcome,
            duration: Duration = .zero,
            message: String,
            hint: String = ""
        ) {
            self.name = name
            self.outcome = outcome
            self.duration = duration
            self.message = message
            self.hint = hint
        }
    }

    /// In the order in which they were tried.
    public var steps: [Step]

    /// Collects steps.
    public init(steps: [Step]) {
        self.steps = steps
    }

    /// Whether no step failed.
    public var isOK: Bool { !steps.contains { $0.outcome == .failed } }
}

/// A named kind of record that a connector offers.
public struct StreamDescription: Sendable, Equatable {
    /// One column.
    public struct Field: Sendable, Equatable {
        /// Unique in its stream.
        public var name: String
        /// The values' type.
        public var type: ColumnType
        /// Whether a value may be missing.
        public var isNullable: Bool
        /// A value of the first records, as text.
        public var sample: String?

        /// Describes a column.
        public init(_ name: String, _ type: ColumnType, isNullable: Bool = true, sample: String? = nil) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.sample = sample
        }
    }

    /// What `PullRequest.stream` names.
    public var name: String
    /// In the order of the columns.
    public var fields: [Field]
    /// Names of the fields that tell records apart; empty if the source doesn't say.
    public var key: [String]
    /// The field by which changes are found.
    public var cursor: String?
    /// Whether a pull can bring only what changed.
    public var isIncremental: Bool
    /// What the connector found out about the source by itself, by name: `encoding`, `delimiter`.
    public var found: [String: String]

    /// Describes a stream.
    public init(
        _ name: String,
        fields: [Field],
        key: [String] = [],
        cursor: String? = nil,
        isIncremental: Bool = false,
        found: [String: String] = [:]
    ) {
        self.name = name
        self.fields = fields
        self.key = key
        self.cursor = cursor
        self.isIncremental = isIncremental
        self.found = found
    }
}

/// What a pull read, said at its end.
public struct PullSummary: Sendable, Equatable {
    /// All of a full snapshot was read, counting what earlier pulls read up to the token. Only this may prove an absence.
    public var isComplete: Bool
    /// The source left records out on its own account.
    public var isFiltered: Bool
    /// How many records the source says there are.
    public var declaredTotal: Int?
    /// Records that this pull gave out, spoiled ones too.
    public var read: Int
    /// Sentences for whoever looks at the run.
    public var warnings: [String]
    /// Whether the columns differ from those at the time of the token.
    public var isSchemaChanged: Bool
    /// What the connector found out about the source by itself, as in `StreamDescription.found`.
    public var found: [String: String]

    /// Describes a pull.
    public init(
        isComplete: Bool,
        isFiltered: Bool = false,
        declaredTotal: Int? = nil,
        read: Int,
        warnings: [String] = [],
        isSchemaChanged: Bool = false,
        found: [String: String] = [:]
    ) {
        self.isComplete = isComplete
        self.isFiltered = isFiltered
        self.declaredTotal = declaredTotal
        self.read = read
        self.warnings = warnings
        self.isSchemaChanged = isSchemaChanged
        self.found = found
    }
}

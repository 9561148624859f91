package import Columns
package import Crypto
package import Identifiers
package import JSON
package import Platform

/// What to read, through which connector, for whom.
package struct PullRequest: Sendable {
    package var provider: String
    package var tenant: UUID
    package var settings: JSONValue
    package var secrets: [String: Secret]
    package var stream: String
    /// Goes on after what this token covers; nil reads from the start.
    package var token: [UInt8]?
    /// Files handed to the connector as descriptors: the name it knows, and the path the host opens.
    package var inputs: [Input]
    package var limit: Int?
    /// Rows a batch should have; a connector may give fewer.
    package var batchRows: Int
    /// Whose credentials and cache the connector may touch; nil where there is no config yet.
    package var config: UUID?
    /// The run that it is part of, for the log; nil where there is none.
    package var run: UUID?
    /// From the call to the last batch; nil waits without end.
    package var deadline: Duration?

    package struct Input: Sendable {
        package var name: String
        package var path: String
        /// Where the file lies in a folder that it may not lead out of; nil for a path that is opened as it stands.
        package var place: Place?

        package struct Place: Sendable, Hashable {
            package var folder: ConfinedFolder
            package var parts: [String]
            /// What the file must still be.
            package var identity: FileIdentity

            package init(folder: ConfinedFolder, parts: [String], identity: FileIdentity) {
                self.folder = folder
                self.parts = parts
                self.identity = identity
            }
        }

        package init(name: String, path: String, place: Place? = nil) {
            self.name = name
            self.path = path
            self.place = place
        }
    }

    package init(
        provider: String,
        tenant: UUID,
        settings: JSONValue,
        secrets: [String: Secret] = [:],
        stream: String,
        token: [UInt8]? = nil,
        inputs: [Input] = [],
        limit: Int? = nil,
        deadline: Duration? = nil,
        batchRows: Int = 4_096,
        config: UUID? = nil,
        run: UUID? = nil
    ) {
        self.provider = provider
        self.tenant = tenant
        self.settings = settings
        self.secrets = secrets
        self.stream = stream
        self.token = token
        self.inputs = inputs
        self.limit = limit
        self.deadline = deadline
        self.batchRows = batchRows
        self.config = config
        self.run = run
    }
}

/// A batch as the connector gave it, checked, with the token that covers it and all before it.
///
/// A batch of more than 4 MiB comes in pieces, of which only the last has the token (docs/wire.md, "Cut batches").
package struct SourceBatch: Sendable, Equatable {
    package var batch: Batch
    package var token: [UInt8]
    /// More pieces of the same batch follow: no token covers this one yet, and its own is empty.
    package var isPartial: Bool

    package init(batch: Batch, token: [UInt8], isPartial: Bool = false) {
        self.batch = batch
        self.token = token
        self.isPartial = isPartial
    }
}

/// What a stream looks like: its columns, and what `_tf_at` counts in what.
package struct SourceSchema: Sendable, Equatable {
    package var fields: [Field]
    /// `line row byte_offset index`
    package var locatorKind: String
    /// The file or object that was read.
    package var source: String

    package init(fields: [Field], locatorKind: String, source: String) {
        self.fields = fields
        self.locatorKind = locatorKind
        self.source = source
    }
}

/// What the connector says at the end: `complete`, `filtered`, `declared_total`, `read`, `warnings`, `schema_changed`.
package struct PullSummary: Sendable {
    package var isComplete: Bool
    package var isFiltered: Bool
    package var declaredTotal: Int64?
    package var read: Int64
    package var warnings: [String]
    package var json: JSONValue

    package init(
        isComplete: Bool,
        isFiltered: Bool,
        declaredTotal: Int64?,
        read: Int64,
        warnings: [String],
        json: JSONValue
    ) {
        self.isComplete = isComplete
        self.isFiltered = isFiltered
        self.declaredTotal = declaredTotal
        self.read = read
        self.warnings = warnings
        self.json = json
    }
}

package import JSON

/// What a connector says of itself, read from its file without running it. docs/manifest.schema.json is its form.
package struct Manifest: Sendable {
    /// The provider's name in configs: `[a-z][a-z0-9-]{1,63}`.
    package var id: String
    /// For people.
    package var name: String
    /// `1.2.3`, three numbers.
    package var version: Version
    package var publisher: String
    package var description: String?
    /// The version of the connector ABI it was built for.
    package var abi: Int
    package var streams: [Stream]
    /// What settings must look like; credentials are the operation's secrets, an object of texts by name.
    package var settings: JSONSchema
    package var credentials: JSONSchema
    package var settingsJSON: JSONValue
    package var credentialsJSON: JSONValue
    package var capabilities: Set<Capability>
    package var sandbox: Sandbox
    /// The whole manifest, byte for byte as it stands in the file and as `describe` must answer it.
    package var text: [UInt8]

    /// A kind of record that the connector offers; others may be discovered.
    package struct Stream: Sendable, Equatable {
        package var name: String
        /// What it becomes in TrainFlow: `users`, `courses`, `enrollments`.
        package var entity: String?
        package var description: String?
        /// Default mapping rows, as a config has them.
        package var mappings: [JSONValue]
    }

    package enum Capability: String, Sendable, CaseIterable {
        case pull, push, incremental, deletes, transform
        case completeSnapshots = "complete_snapshots"
    }

    package struct Sandbox: Sendable, Equatable {
        package var profile: Profile
        /// Bytes it needs; nil takes the host's limit.
        package var memory: Int?
        /// How many of its runners may run at once for one tenant; nil leaves that to the host.
        package var concurrency: Int?
        /// Hosts it may dial; may refer to settings, `{settings.base_url}`.
        package var hosts: [String]
    }

    package enum Profile: String, Sendable, CaseIterable {
        case pure, brokered, odbc
    }

    package struct Version: Sendable, Hashable, Comparable, CustomStringConvertible {
        package var major: Int
        package var minor: Int
        package var patch: Int

        /// nil unless it is three numbers with points between them, without needless zeros.
        package init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
                Int(part).flatMap { String($0) == part && $0 >= 0 ? $0 : nil }
            }
            guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else { return nil }
            self.major = major
            self.minor = minor
            self.patch = patch
        }

        package var description: String { "\(major).\(minor).\(patch)" }

        package static func < (left: Version, right: Version) -> Bool {
            (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
        }
    }
}

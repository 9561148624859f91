internal import JSON

/// Why a manifest can't be used: which member, and what is wrong with it.
package struct ManifestError: Error, Sendable, Equatable {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}

extension Manifest {
    /// The ABI versions this host speaks.
    package static let knownABIs = 0...0
    /// Bytes.
    package static let largestSize = 256 << 10

    /// Reads the note's bytes strictly: every member known, of the right kind, and the schemas usable.
    package init(reading text: [UInt8]) throws(ManifestError) {
        guard text.count <= Self.largestSize else { throw ManifestError("the manifest is larger than 256 KiB") }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: text)
        } catch {
            throw ManifestError("the manifest is no JSON: \(error)")
        }
        do throws(JSONFieldError) {
            var fields = try JSONFields(json)
            try self.init(&fields, text: text)
            try fields.finish()
        } catch {
            throw ManifestError(error.pointer.isEmpty ? "the manifest \(error)" : "the manifest's \(error)")
        }
    }

    private init(_ fields: inout JSONFields, text: [UInt8]) throws(JSONFieldError) {
        let abi = try fields.integer("abi")
        guard let known = Int(exactly: abi), Self.knownABIs.contains(known) else {
            throw fields.notAllowed("abi", "is \(abi), and this host speaks 0: take a connector built for it")
        }
        self.abi = known
        id = try fields.string("id")
        guard Self.isIdentifier(id) else {
            throw fields.notAllowed("id", "must be 2 to 64 of a-z, 0-9 and -, beginning with a letter")
        }
        name = try fields.label("name")
        publisher = try fields.label("publisher")
        description = try fields.optionalLabel("description")
        guard let version = Version(try fields.string("version")) else {
            throw fields.notAllowed("version", "must be three numbers, as 1.2.3")
        }
        self.version = version
        streams = try Self.streams(&fields)
        (settingsJSON, settings) = try Self.schema("settings", of: &fields)
        if let place = Self.placeOfSecret(in: settingsJSON, at: fields.pointer(to: "settings")) {
            throw JSONFieldError(
                .notAllowed,
                at: place,
                "is writeOnly: settings are kept and shown as they are, so that secrets belong in credentials"
            )
        }
        (credentialsJSON, credentials) = try Self.schema("credentials", of: &fields)
        for member in credentialsJSON["properties"]?.objectValue?.members ?? [] {
            guard let type = member.value["type"], type != "string" else { continue }
            let properties = JSONPointer.appending("properties", to: fields.pointer(to: "credentials"))
            throw JSONFieldError(
                .notAllowed,
                at: JSONPointer.appending("type", to: JSONPointer.appending(member.name, to: properties)),
                "must be string: credentials are texts"
            )
        }
        capabilities = try Self.capabilities(&fields)
        sandbox = try Self.sandbox(&fields)
        self.text = text
    }

    package static func isIdentifier(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (2...64).contains(bytes.count), let first = bytes.first, isLowerLetter(first) else { return false }
        return bytes.allSatisfy { isLowerLetter($0) || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    private static func isLowerLetter(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }

    private static func streams(_ fields: inout JSONFields) throws(JSONFieldError) -> [Stream] {
        var streams: [Stream] = []
        for (place, value) in try fields.array("streams").enumerated() {
            let pointer = JSONPointer.appending(place, to: fields.pointer(to: "streams"))
            var stream = try JSONFields(value, at: pointer)
            let name = try stream.label("name")
            guard !streams.contains(where: { $0.name == name }) else {
                throw stream.notAllowed("name", "stands twice")
            }
            let entity = try stream.optionalOneOf("entity", ["users", "courses", "enrollments"])
            let description = try stream.optionalLabel("description")
            let mappings = try stream.optionalArray("mappings") ?? []
            guard mappings.allSatisfy({ $0.objectValue != nil }) else {
                throw stream.notAllowed("mappings", "must hold objects")
            }
            try stream.finish()
            streams.append(Stream(name: name, entity: entity, description: description, mappings: mappings))
        }
        return streams
    }

    private static func schema(
        _ member: String,
        of fields: inout JSONFields
    ) throws(JSONFieldError) -> (JSONValue, JSONSchema) {
        let value = JSONValue.object(try fields.object(member))
        guard value["type"] == "object" else { throw fields.notAllowed(member, "must be a schema of type object") }
        do throws(JSONSchema.Refusal) {
            return (value, try JSONSchema(compiling: value))
        } catch {
            throw JSONFieldError(.notAllowed, at: fields.pointer(to: member) + error.pointer, error.message)
        }
    }

    /// The first schema inside that is marked `writeOnly`; values that only look like schemas are passed over.
    private static func placeOfSecret(in schema: JSONValue, at pointer: String) -> String? {
        switch schema {
        case .object(let object):
            if object["writeOnly"] == true { return pointer }
            for member in object.members where !["const", "default", "enum", "examples"].contains(member.name) {
                let place = JSONPointer.appending(member.name, to: pointer)
                if let found = placeOfSecret(in: member.value, at: place) { return found }
            }
            return nil
        case .array(let items):
            for (index, item) in items.enumerated() {
                let place = JSONPointer.appending(index, to: pointer)
                if let found = placeOfSecret(in: item, at: place) { return found }
            }
            return nil
        default: return nil
        }
    }

    private static func capabilities(_ fields: inout JSONFields) throws(JSONFieldError) -> Set<Capability> {
        var capabilities: Set<Capability> = []
        for value in try fields.array("capabilities") {
            guard let capability = value.stringValue.flatMap(Capability.init) else {
                let known = Capability.allCases.map(\.rawValue).joined(separator: ", ")
                throw fields.notAllowed("capabilities", "must hold only \(known)")
            }
            guard capabilities.insert(capability).inserted else {
                throw fields.notAllowed("capabilities", "names \(capability.rawValue) twice")
            }
        }
        return capabilities
    }

    private static func sandbox(_ fields: inout JSONFields) throws(JSONFieldError) -> Sandbox {
        var sandbox = try fields.fields("sandbox")
        let profile = try sandbox.oneOf("profile", Profile.self)
        let memory = try sandbox.optionalCount("memory")
        let concurrency = try sandbox.optionalCount("concurrency")
        let hosts = try sandbox.optionalArray("hosts") ?? []
        let names = hosts.compactMap(\.stringValue)
        guard names.count == hosts.count else { throw sandbox.notAllowed("hosts", "must hold texts") }
        guard profile != .pure || hosts.isEmpty else {
            throw sandbox.notAllowed("hosts", "stands beside the profile pure, which dials nobody")
        }
        try sandbox.finish()
        return Sandbox(profile: profile, memory: memory, concurrency: concurrency, hosts: names)
    }
}

extension JSONFields {
    /// A text of 1 to 256 bytes without control characters.
    fileprivate mutating func label(_ name: String) throws(JSONFieldError) -> String {
        try checkLabel(name, try string(name))
    }

    fileprivate mutating func optionalLabel(_ name: String) throws(JSONFieldError) -> String? {
        guard let text = try optionalString(name) else { return nil }
        return try checkLabel(name, text)
    }

    private func checkLabel(_ name: String, _ text: String) throws(JSONFieldError) -> String {
        guard (1...256).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else { throw notAllowed(name, "must be 1 to 256 bytes without control characters") }
        return text
    }

    /// A whole number above 0.
    fileprivate mutating func optionalCount(_ name: String) throws(JSONFieldError) -> Int? {
        guard let value = try optionalInteger(name) else { return nil }
        guard value > 0 else { throw notAllowed(name, "must be above 0") }
        return Int(value)
    }
}

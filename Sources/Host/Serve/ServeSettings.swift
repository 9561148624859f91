internal import API
internal import HTTPServer

/// What `trainflow serve` is told, understood.
struct ServeSettings: Sendable {
    var address: ListenAddress = .internet(host: "127.0.0.1", port: 8080)
    /// Where uploaded files lie.
    var filesFolder: String
    /// Bytes of an uploaded file.
    var uploadLimit: Int64
    /// Bytes of a tenant's uploaded files together; nil for any number.
    var uploadQuota: Int64?
    /// Where the tenants' own folders lie; nil for uploads alone.
    var importRoot: String?
    var api = APISettings()

    init(_ invocation: Invocation, databasePath: String) throws(UsageError) {
        filesFolder = invocation.value(.files) ?? Self.beside(databasePath, "files")
        importRoot = invocation.value(.importRoot)
        uploadLimit = try Self.bytes(invocation.text(.uploadLimit), .uploadLimit)
        let quota = invocation.text(.uploadQuota)
        uploadQuota = quota == "0" ? nil : try Self.bytes(quota, .uploadQuota)
        address = .internet(host: invocation.text(.host), port: try Self.port(invocation.text(.port)))
        api.rate = try Self.rate(invocation.text(.rateLimit))
        api.corsOrigins = try Self.list(invocation.value(.corsOrigin)).map(Self.origin)
        api.administratorOnly = Set(Self.list(invocation.value(.administratorOnly)))
        api.trustedProxies = try Self.list(invocation.value(.trustedProxy)).map(Self.range)
    }

    private static func port(_ text: String) throws(UsageError) -> UInt16 {
        guard let port = UInt16(text) else {
            throw UsageError("--port takes a number from 0 (any that is free) to 65535, not \"\(text)\"")
        }
        return port
    }

    /// `50` or `50:200`; `0` for no limit.
    private static func rate(_ text: String) throws(UsageError) -> RateLimiter.Settings {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
        var settings = RateLimiter.Settings()
        guard parts.count <= 2, let rate = parts[0], (0...1_000_000).contains(rate),
            let burst = parts.count == 2 ? parts[1] : max(1, rate * 4), (1...10_000_000).contains(burst)
        else {
            throw UsageError(
                "--rate-limit takes requests a second and how many may come at once, as in 50:200, not \"\(text)\""
            )
        }
        (settings.rate, settings.burst) = (rate, burst)
        return settings
    }

    /// `1073741824`, `512MiB`, `2GiB`.
    private static func bytes(_ text: String, _ option: Option) throws(UsageError) -> Int64 {
        let units: [(String, Int64)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]
        let unit = units.first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.count ?? 0)
        guard let number = Int64(digits), number > 0 else {
            throw UsageError("--\(option.name) takes a size in bytes, KiB, MiB or GiB, as in 2GiB, not \"\(text)\"")
        }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit?.1 ?? 1)
        guard !isTooLarge else { throw UsageError("--\(option.name) \(text) is more than can be counted") }
        return bytes
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// An origin as browsers send it: RFC 6454, section 6.2.
    private static func origin(_ text: String) throws(UsageError) -> String {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            guard !rest.isEmpty, rest.utf8.allSatisfy(isPartOfHost) else { break }
            return text
        }
        throw UsageError(
            "--cors-origin takes origins as browsers send them, as in https://lms.example.org: in lower case, with the port "
                + "where it is not the usual one, and without a path; not \"\(text)\""
        )
    }

    private static func isPartOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-.:[]".utf8.contains(byte)
        }
    }

    private static func range(_ text: String) throws(UsageError) -> AddressRange {
        guard let range = AddressRange(text) else {
            throw UsageError("--trusted-proxy takes addresses and ranges, as in 127.0.0.1,10.0.0.0/8, not \"\(text)\"")
        }
        return range
    }

    /// A name in the folder of the file at `path`.
    static func beside(_ path: String, _ name: String) -> String {
        let folder = folder(of: path)
        return folder == "." ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }

    /// `.` for a name alone.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension Invocation {
    /// What is said, else the option's default.
    func text(_ option: Option) -> String { value(option) ?? option.defaultText }
}

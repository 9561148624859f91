internal import Glibc
internal import Platform

/// A folder's files, opened once: no request reaches the file system, so none can leave the folder.
///
/// `a.css.gz` and `a.css.br` are not files of their own but other forms of `a.css`. Links and names that begin with a
/// dot are left out. What changes in the folder later is not seen.
package struct StaticFiles: Sendable {
    private let files: [String: File]

    private struct File: Sendable {
        var type: String
        var cacheControl: String
        /// The best one first.
        var variants: [Variant]
    }

    private struct Variant: Sendable {
        var coding: Coding
        var file: OpenFile
        /// With its quotes.
        var tag: String
    }

    private enum Coding: String, CaseIterable {
        case brotli = "br"
        case gzip = "gzip"
        case identity

        /// What the names of its files end with.
        var suffix: String {
            switch self {
            case .brotli: ".br"
            case .gzip: ".gz"
            case .identity: ""
            }
        }
    }

    /// `hashed`: folders, such as `assets`, in which a name carries a hash of its content: such a file is kept by
    /// browsers for good; any other is asked for again each time.
    package init(folder: String, hashed: [String] = ["assets"]) throws(ServerError) {
        var found: [String: OpenFile] = [:]
        do throws(SystemError) {
            try Self.open(FileDescriptor.open(folder, O_RDONLY | O_DIRECTORY), below: "", into: &found)
            files = try Self.files(found, hashed)
        } catch {
            throw ServerError(.files, "the files in \(folder) can't be served: \(error)")
        }
    }

    /// Nil if there is no such file.
    package func response(to request: Request) -> Response? {
        var path = request.target.segments
        if path.isEmpty { path = ["index.html"] }
        if path.last == "" { path[path.count - 1] = "index.html" }
        // A slash inside a segment was sent encoded: no file has it in its name.
        guard !path.contains(where: { $0.contains("/") }) else { return nil }
        return response(path.joined(separator: "/"), to: request)
    }

    /// A file by its path below the folder, whatever was asked for: the page of an application that routes by itself.
    package func response(_ path: String, to request: Request) -> Response? {
        guard let file = files[path], let variant = Self.best(file, request.headers) else { return nil }
        var headers: Headers = ["Content-Type": file.type, "Cache-Control": file.cacheControl, "ETag": variant.tag]
        if variant.coding != .identity { headers.add("Content-Encoding", variant.coding.rawValue) }
        if file.variants.count > 1 { headers.add("Vary", "Accept-Encoding") }
        headers.add("X-Content-Type-Options", "nosniff")
        let isKnown = request.headers.list("If-None-Match").contains { $0 == "*" || Self.weak($0) == variant.tag }
        return Response(isKnown ? .notModified : .ok, headers: headers, body: .file(variant.file))
    }

    /// A file's bytes as they are on disk; nil if there is no such file.
    func content(_ path: String) throws(ServerError) -> [UInt8]? {
        guard let file = files[path]?.variants.last?.file else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(file.size))
        // Not read(2): the descriptor is shared by the answers.
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(file.descriptor.rawValue, buffer.baseAddress, buffer.count, 0)
        }
        guard count == bytes.count else { throw ServerError(.files, "\(path) can't be read whole") }
        return bytes
    }

    /// The paths below the folder, sorted.
    package var paths: [String] { files.keys.sorted() }

    private static func weak(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }

    private static func best(_ file: File, _ headers: Headers) -> Variant? {
        let accepted = headers.list("Accept-Encoding").compactMap { ParameterizedValue(parsing: $0) }
        return file.variants.first { variant in
            variant.coding == .identity || accepts(variant.coding.rawValue, accepted)
        }
    }

    /// RFC 9110, section 12.5.3.
    private static func accepts(_ coding: String, _ accepted: [ParameterizedValue]) -> Bool {
        let named = accepted.first { $0.value.sameIgnoringCase(coding) } ?? accepted.first { $0.value == "*" }
        guard let named else { return false }
        return named["q"].map { (Double($0) ?? 0) > 0 } ?? true
    }

    // MARK: - Opening

    private static func open(
        _ folder: consuming FileDescriptor,
        below path: String,
        into found: inout [String: OpenFile]
    ) throws(SystemError) {
        for name in try folder.entries() where !name.hasPrefix(".") {
            // Through the open folder, so that a folder moved or replaced meanwhile changes nothing.
            let place = "/proc/self/fd/\(folder.rawValue)/\(name)"
            guard let child = try openUnlessLink(place) else { continue }
            let status = try child.status()
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try open(child, below: "\(path)\(name)/", into: &found)
            case S_IFREG: found["\(path)\(name)"] = OpenFile(child, size: Int64(status.st_size))
            default: break
            }
        }
    }

    private static func openUnlessLink(_ path: String) throws(SystemError) -> FileDescriptor? {
        do throws(SystemError) {
            return try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            // A link, or a socket: open(2).
            guard error.code == ELOOP || error.code == ENXIO else { throw error }
            return nil
        }
    }

    private static func files(_ found: [String: OpenFile], _ hashed: [String]) throws(SystemError) -> [String: File] {
        var files: [String: File] = [:]
        for path in found.keys where !isVariant(path, found) {
            var variants: [Variant] = []
            for coding in Coding.allCases {
                guard let file = found[path + coding.suffix] else { continue }
                variants.append(Variant(coding: coding, file: file, tag: try tag(file)))
            }
            let isHashed = hashed.contains { path.hasPrefix("\($0)/") } && hasHash(path)
            files[path] = File(
                type: ContentType.of(path),
                cacheControl: isHashed ? "public, max-age=31536000, immutable" : "no-cache",
                variants: variants
            )
        }
        return files
    }

    private static func isVariant(_ path: String, _ found: [String: OpenFile]) -> Bool {
        [Coding.brotli, .gzip].contains { path.hasSuffix($0.suffix) && found[String(path.dropLast(3))] != nil }
    }

    /// `index-DiwrgTda.js`, `logo.3f2a91bc.svg`: a last part of eight or more letters, digits, `_` and `-`, which is no
    /// word in small letters.
    private static func hasHash(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".")
        guard parts.count > 1 else { return false }
        // base64url may hold hyphens itself: what follows the first one that leaves eight characters.
        let stem = parts[parts.count - 2].utf8
        guard stem.count >= 8 else { return false }
        let hash = stem.suffix(8)
        let isSeparated = parts.count > 2 || stem.dropLast(8).last == UInt8(ascii: "-")
        return isSeparated && hash.contains { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
    }

    /// A hash of the content, so that all hosts and restarts agree: FNV-1a, 64 bits.
    private static func tag(_ file: OpenFile) throws(SystemError) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { unsafe buffer.deallocate() }
        while case let count = unsafe try file.descriptor.read(into: buffer), count > 0 {
            for index in 0..<count { unsafe hash = (hash ^ UInt64(buffer[index])) &* 0x100_0000_01B3 }
        }
        return "\"\(String(file.size, radix: 16))-\(String(hash, radix: 16))\""
    }
}

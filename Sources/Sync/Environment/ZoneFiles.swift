internal import Glibc
package import Platform
package import Time

/// The time zones of the system: files of the tz database.
package enum ZoneFiles {
    package static let folder = "/usr/share/zoneinfo"

    /// nil where there is no such zone; names that lead out of the folder are none.
    package static func rules(_ name: String) throws(SystemError) -> ZoneRules? {
        guard isName(name) else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try read("\(folder)/\(name)")
        } catch {
            // A folder (Asia) opens, and can't be read.
            if [ENOENT, ENOTDIR, EISDIR].contains(error.code) { return nil }
            throw error
        }
        return ZoneRules(tzif: bytes)
    }

    /// All names, for messages; none where the system doesn't list them.
    package static func names() -> [String] {
        do throws(SystemError) {
            // zic's input, abbreviated: lines begin with Z and a name, or with L, a target and a name.
            let text = String(decoding: try read("\(folder)/tzdata.zi"), as: UTF8.self)
            return text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ", maxSplits: 3)
                switch words.first {
                case "Z" where words.count > 1: return String(words[1])
                case "L" where words.count > 2: return String(words[2])
                default: return nil
                }
            }
        } catch {
            return []
        }
    }

    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return (1...3).contains(parts.count)
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.count <= 40
                    && part.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
                            UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }

    private static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20 {
            let piece = try file.read(65_536)
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}

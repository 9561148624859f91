/// The same said in the two languages of the catalogue.
package struct Label: Sendable, Hashable {
    package var english: String
    package var arabic: String

    package init(_ english: String, _ arabic: String) {
        self.english = english
        self.arabic = arabic
    }
}

#include "engine/signals/po_boxes.h"

#include <doctest/doctest.h>

#include "engine/signals/postal_places.h"

namespace holdfast {
namespace {

bool IsBox(std::string_view country, std::string_view line1, std::string_view line2 = {}) {
  Address address;
  address.country = country;
  address.line1 = line1;
  address.line2 = line2;
  return IsPoBox(address);
}

TEST_CASE("po boxes: as they are written in several languages") {
  const std::pair<const char*, const char*> boxes[] = {
      {"US", "P.O. Box 1234"},
      {"US", "PO BOX1234"},
      {"US", "Post Office Box 7"},
      {"AU", "G.P.O. Box 99"},
      {"NZ", "Private Bag 92019"},
      {"DE", "Postfach 10 01 22"},
      {"DE", "PF 1204"},
      {"FR", "BP 40217"},
      {"FR", "Boîte postale 12"},
      {"ES", "Apartado de Correos 45"},
      {"ES", "Apdo. 45"},
      {"CL", "Casilla 1234"},
      {"BR", "Caixa Postal 77"},
      {"IT", "Casella Postale 5"},
      {"IT", "C.P. 5"},
      {"NL", "Postbus 12"},
      {"NO", "Postboks 44"},
      {"SE", "Box 123"},
      {"FI", "PL 12"},
      {"PL", "Skrytka pocztowa 8"},
      {"CZ", "Poštovní přihrádka 8"},
      {"TR", "P.K. 12"},
      {"RU", "а/я 15"},
      {"CN", "北京市邮政信箱 100"},
      {"JP", "東京中央郵便局私書箱12号"},
      {"KR", "서울중앙우체국 사서함 12"},
      {"SA", "ص.ب 1234"},
      {"GR", "Τ.Θ. 1234"},
  };
  for (const auto& [country, line] : boxes) {
    CHECK_MESSAGE(IsBox(country, line), country << ": " << line);
    CHECK_MESSAGE(IsBox(country, "Main St 1", line), country << ": " << line);
  }
}

TEST_CASE("po boxes: streets that sound like one are none") {
  const std::pair<const char*, const char*> streets[] = {
      {"US", "12 Boxwood Lane"},
      {"US", "Box 123"},
      {"US", "500 Post Road"},
      {"DE", "Poststr. 12"},
      {"FR", "12 rue de la Poste"},
      {"GB", "BP Petrol Station"},
      {"ES", "Calle Apartado"},
      {"IT", "Via C.P. Rossi 5"},
      {"PL", "pl. Wolności 12"},
      {"DE", "Packstation 145"},
      {"CN", "北京市朝阳区建国路93号"},
      {"NL", "Poststraat 5"},
      {"US", ""},
      {"US", "\xFF\xFE"},
  };
  for (const auto& [country, line] : streets) {
    CHECK_MESSAGE(!IsBox(country, line), country << ": " << line);
  }
}

TEST_CASE("postal keys: one form of a code") {
  const auto key = [](std::string_view country, std::string_view code) {
    Address address;
    address.country = country;
    address.postal_code = code;
    return PostalKey(address);
  };
  CHECK(key("US", "97230-1234") == "US 97230");
  CHECK(key("GB", "m1 1aa") == "GB M11AA");
  CHECK(key("BR", "01310-100") == "BR 01310100");
  CHECK(key("", "97230").empty());
  CHECK(key("US", " ").empty());
}

}  // namespace
}  // namespace holdfast

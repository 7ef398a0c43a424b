#include "engine/signals/phones.h"

#include <phonenumbers/phonenumberutil.h>

#include <vector>

#include "engine/base/enum_names.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"

namespace holdfast {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

PhoneType TypeOf(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
    case PhoneNumberUtil::MOBILE:
      return PhoneType::kMobile;
    case PhoneNumberUtil::FIXED_LINE:
      return PhoneType::kFixedLine;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
      return PhoneType::kFixedLineOrMobile;
    case PhoneNumberUtil::VOIP:
      return PhoneType::kVoip;
    case PhoneNumberUtil::TOLL_FREE:
      return PhoneType::kTollFree;
    case PhoneNumberUtil::PREMIUM_RATE:
    case PhoneNumberUtil::SHARED_COST:
      return PhoneType::kPremium;
    default:
      return PhoneType::kOther;
  }
}

Phone Read(std::string_view text, std::string_view country) {
  Phone phone;
  phone.known = true;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string region = country.empty() ? "ZZ" : std::string(country);
  const auto parsed = util.Parse(std::string(text), region, &number);
  if (parsed == PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR && text.front() != '+') {
    phone.known = !country.empty();
  }
  if (parsed != PhoneNumberUtil::NO_PARSING_ERROR) return phone;
  // A number is valid where its type is known.
  const auto type = util.GetNumberType(number);
  phone.valid = type != PhoneNumberUtil::UNKNOWN;
  if (!phone.valid) return phone;
  phone.type = TypeOf(type);
  util.Format(number, PhoneNumberUtil::E164, &phone.e164);
  std::string code;
  util.GetRegionCodeForNumber(number, &code);
  if (code.size() == 2 && code != "ZZ") phone.country = code;
  return phone;
}

}  // namespace

std::string_view NameOf(PhoneType type) {
  constexpr std::string_view kNames[] = {"",     "mobile",    "fixed_line", "fixed_line_or_mobile",
                                         "voip", "toll_free", "premium",    "other"};
  return NameIn(kNames, type);
}

Phone ReadPhone(std::string_view text, std::string_view country) {
  constexpr std::size_t kLongest = 40;
  text = Trim(text);
  if (text.empty()) return {};
  if (text.size() > kLongest) {
    Phone none;
    none.known = true;
    return none;
  }
  struct Known {
    std::string text, country;
    Phone phone;
  };
  constexpr std::size_t kKnown = 4096;
  thread_local std::vector<Known> known(kKnown);
  Known& place = known[(Hash64(text) ^ Hash64(country)) % kKnown];
  if (place.text != text || place.country != country) {
    place.phone = Read(text, country);
    place.text = text;
    place.country = country;
  }
  return place.phone;
}

}  // namespace holdfast

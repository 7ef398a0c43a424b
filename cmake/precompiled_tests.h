// The headers that most tests include.
#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "cmake/precompiled.h"
#include "engine/codec/json.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/engine.h"
